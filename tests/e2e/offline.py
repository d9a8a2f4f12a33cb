"""Being offline: what that looks like, and what is written meanwhile."""

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Meet
from tests.e2e.people import Person

NO_NETWORK = ("net::ERR_", "WebSocket connection to")
"""Complaints of a browser that has none."""
BLOCKED = re.compile(r"/api/(files/upload|uploads|messages$)")
"""All ways for what was written but the socket."""
TEXTS = ["перше", "друге", "третє", "четверте", "п’яте"]


def go_offline(person: Person) -> None:
    """Cut the line, and wait until the page knows."""
    person.line.cut()
    expect(person.page.get_by_text("Немає з’єднання")).to_be_visible()


def meet_on_a_line(meet: Meet) -> tuple[Person, Person]:
    """Two people, each looking at the conversation with the other; the line of the first can be cut."""
    olena, bohdan = meet("Олена"), meet("Богдан")
    olena.hold_line()
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    bohdan.find(olena)
    return olena, bohdan
