"""Four shapes of the product, and people in each.

A test runs in all four unless `@pytest.mark.shapes(...)` names those that it is about.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from tests.api.calls import new_client
from tests.files.site import SHAPES, Site, open_site
from tests.stack.people import Person, new_person

Newcomer = Callable[[], Person]
MARK = "shapes"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{MARK}(*names): the shapes of the product in which a test of files runs")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = [item for item in items if _is_meant(item)]


def _is_meant(item: pytest.Item) -> bool:
    mark = item.get_closest_marker(MARK)
    if mark is None or not hasattr(item, "callspec"):
        return True  # the second is a test that asks no server anything
    return item.callspec.params["site"] in mark.args


@pytest.fixture(scope="package", params=SHAPES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The product in one of its shapes, nobody else's: tests crash its processes."""
    with open_site(request.param, tmp_path_factory.mktemp("seaweedfs")) as running:
        yield running


@pytest.fixture(scope="package")
def newcomer(site: Site) -> Iterator[Newcomer]:
    """Makes people with an account of their own."""
    with ExitStack() as clients:
        yield lambda: new_person(clients.enter_context(new_client(site.base_url)))


@pytest.fixture(scope="package")
def ann(newcomer: Newcomer) -> Person:
    """Somebody who is signed in."""
    return newcomer()


@pytest.fixture(scope="package")
def bob(newcomer: Newcomer) -> Person:
    """Somebody whom Ann writes with."""
    return newcomer()


@pytest.fixture(scope="package")
def eve(newcomer: Newcomer) -> Person:
    """A stranger to both."""
    return newcomer()


@pytest.fixture
def visitor(site: Site) -> Iterator[httpx2.Client]:
    """Somebody without an account."""
    with new_client(site.base_url) as client:
        yield client
