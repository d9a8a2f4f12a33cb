"""Three people and their long conversations, and what happens there."""

import io
import random
import re
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.e2e.people import Person
from tests.e2e.seeding import Api
from tests.e2e.watching import SETTLE
from tests.harness.servers import Embedded

WORDS = ["ранок", "дорога", "їжак", "кава", "лист", "вікно", "тиша", "потяг", "ґанок", "зима", "море", "книга"]


def some_text(chance: random.Random) -> str:
    """From one word to sixty."""
    return " ".join(chance.choice(WORDS) for _ in range(chance.choice([1, 3, 8, 8, 20, 60])))


def some_picture(chance: random.Random) -> bytes:
    """A PNG of one of three shapes."""
    file = io.BytesIO()
    size = chance.choice([(900, 600), (500, 900), (300, 300)])
    Image.new("RGB", size, tuple(chance.randrange(256) for _ in range(3))).save(file, "PNG")
    return file.getvalue()


@dataclass
class World:
    """Three people: Olena reads, Bohdan disturbs, and with Danylo there is a conversation to switch to."""

    server: Embedded
    olena: Person
    bohdan: Person
    danylo: Person
    hers: Api
    his: Api
    other: Api
    ids: list[int]
    chance: random.Random

    @property
    def page(self) -> Page:
        """What Olena looks at."""
        return self.olena.page

    def open(self, peer: Api) -> None:
        """Olena opens a conversation by its address."""
        self.page.goto(f"/chat/{peer.id}")
        expect(self.olena.messages.first).to_be_attached()


def wheel(page: Page, pixels: int) -> None:
    """Scroll over the conversation, and wait until it stands."""
    page.get_by_role("log").hover()
    page.mouse.wheel(0, pixels)
    page.evaluate(SETTLE)


class Thumbnails:
    """Holds pictures back, to let them come late and one by one."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        page.route(re.compile("/thumbnail"), self._hold)

    def _hold(self, route: Route) -> None:
        # A browser has six connections to one server, and the rest of the page needs some.
        if len(self._held) < 3:
            self._held.append(route)
        else:
            route.continue_()

    def release(self) -> None:
        """Let the oldest one through."""
        if self._held:
            self._held.pop(0).continue_()

    def release_all(self) -> None:
        """Let everything through that is held now."""
        while self._held:
            self.release()
