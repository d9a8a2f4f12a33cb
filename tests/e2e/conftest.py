"""A browser, and people who use the product in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.attaching import SIZES
from tests.e2e.people import Person
from tests.harness.chromium import find_chromium
from tests.harness.servers import Embedded

ARGUMENTS = [
    "--no-sandbox",  # root in a container has no other way
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

COLOURS = ["#c0392b", "#27ae60", "#2980b9", "#8e44ad", "#f39c12"]

Meet = Callable[..., Person]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The installed Chromium."""
    program = find_chromium()
    assert program, "Chromium is missing: run `python -m tests.harness.provision`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def meet(browser: Browser, embedded: Embedded) -> Iterator[Meet]:
    """Makes people, each in a browser of their own; at the end nobody may have seen an error."""
    people: list[Person] = []

    def make(name: str, *, locale: str = "uk-UA", **context: Any) -> Person:
        person = Person(name, browser.new_context(base_url=embedded.base_url, locale=locale, **context))
        people.append(person)
        return person

    yield make
    for person in people:
        person.context.close()
    for person in people:
        assert person.errors == []
        assert person.strangers == []


@pytest.fixture
def pair(meet: Meet) -> tuple[Person, Person]:
    """Two people, each looking at the conversation with the other."""
    olena, bohdan = meet("Олена"), meet("Богдан")
    olena.register()
    bohdan.register()
    olena.find(bohdan)
    bohdan.find(olena)
    return olena, bohdan


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Pictures of different shapes and colours."""
    files = []
    for number, (size, colour) in enumerate(zip(SIZES, COLOURS, strict=True), 1):
        file = tmp_path / f"світлина {number}.png"
        Image.new("RGB", size, colour).save(file)
        files.append(file)
    return files
