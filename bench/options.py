"""How much is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Of one call of the program."""

    runs: int = 3
    number: int = 0
    """Which of them this is."""
    quick: bool = False
    """Small numbers, to see that everything works; its figures mean nothing."""
    pin: bool = True
    """Client and application each on a core of their own."""
    parts: int = 1
    """Turns in which a load is measured."""

    @property
    def seconds(self) -> float:
        """How long a load is measured in one turn."""
        return (1.5 if self.quick else 8.0) / self.parts

    @property
    def drain(self) -> float:
        """How long messages that are on their way may take at most once nobody sends any more."""
        return 10 if self.quick else 60

    @property
    def warm_up(self) -> float:
        """How long it runs before that."""
        return (0.5 if self.quick else 2.0) / self.parts
