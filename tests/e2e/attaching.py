"""Files to send, and requests that are held back."""

from pathlib import Path

from playwright.sync_api import Locator, Route

from tests.e2e.people import Person

SIZES = [(1600, 900), (600, 900), (1000, 1000), (2000, 500), (300, 200)]


class Gate:
    """Holds requests back until it is opened."""

    def __init__(self) -> None:
        self._held: list[Route] = []
        self._is_open = False

    def __call__(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self._held.append(route)

    def open(self) -> None:
        """Let everything through."""
        self._is_open = True
        for route in self._held:
            route.continue_()


def send_files(person: Person, text: str, *files: Path) -> Locator:
    """Choose files and send them with a text; returns the message."""
    person.attach(*files)
    return person.send(text)
