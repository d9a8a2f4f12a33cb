"""What the last transactions have shown: whom each person may write to, for as long as their head is where it was.

The statement that relies on it (express.py) stores nothing if a head has moved. One that went back it would not notice:
no database goes back under a service that runs (docs/operations.md).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

from chat_service.journal.state import Needs, Pair, State

MAX_PEOPLE = 10_000
MAX_PEERS = 100
"""With the above, at most some 100 MB; people who write to a few others take a twentieth of that."""


@dataclass(slots=True)
class _Person:
    head: int
    open_to: set[int] = field(default_factory=set)
    """Peers with whom there is a conversation and whom this person does not block: to change that moves the head."""


class Memory:
    """Bounded: what is forgotten is loaded again."""

    def __init__(self) -> None:
        self._people: dict[int, _Person] = {}

    def heads(self, needs: Iterable[Needs]) -> dict[int, int] | None:
        """The heads of everybody concerned, if all want to send only, in conversations that no block keeps off."""
        heads: dict[int, int] = {}
        for need in needs:
            if not need.only_to_send:
                return None
            for one, other in need.pairs:
                sender, receiver = self._people.get(one), self._people.get(other)
                if sender is None or receiver is None:
                    return None
                if other not in sender.open_to or one not in receiver.open_to:
                    return None
                heads[one], heads[other] = sender.head, receiver.head
        return heads

    def keep(self, pairs: Collection[Pair], state: State, loaded: Mapping[int, int], moved: Mapping[int, int]) -> None:
        """Remember these pairs after a commit: their heads as they were `loaded` under a lock, and `moved` since."""
        for user_id in {user_id for pair in pairs for user_id in pair}:
            person = self._people.pop(user_id, None)
            if user_id in state.active_users:
                is_same = person is not None and person.head == loaded[user_id] and len(person.open_to) < MAX_PEERS
                known = person.open_to if person is not None and is_same else set()
                self._people[user_id] = _Person(moved.get(user_id, loaded[user_id]), known)
        for pair in pairs:
            for one, other in (pair, pair[::-1]):
                if one in self._people:
                    is_open = (one, other) in state.marks and (one, other) not in state.blocks
                    change = set.add if is_open else set.discard
                    change(self._people[one].open_to, other)
        for user_id in list(islice(self._people, max(0, len(self._people) - MAX_PEOPLE))):  # who came first
            del self._people[user_id]

    def move(self, heads: Mapping[int, int]) -> None:
        """We moved these heads, and nothing else changed."""
        for user_id, head in heads.items():
            if user_id in self._people:
                self._people[user_id].head = head

    def forget(self, users: Iterable[int]) -> None:
        """Their heads were moved elsewhere."""
        for user_id in users:
            self._people.pop(user_id, None)
