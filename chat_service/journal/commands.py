"""What the journal asks of a command; the features define their own (messages, conversations)."""

from typing import Protocol, TypeVar

from chat_service.journal.state import Needs, State

Result_co = TypeVar("Result_co", covariant=True)


class Command(Protocol[Result_co]):
    """One change that somebody wants. Pure: it sees and changes the state, nothing else."""

    def needs(self) -> Needs:
        """What must be loaded, and whose journals may be written to."""

    def apply(self, state: State) -> Result_co:
        """Check the rules and make the change; a `Problem` refuses this command and no other.

        It must check before it changes: what it changed before raising would be stored.
        """
