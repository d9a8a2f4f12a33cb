"""Signing in and staying signed in."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Meet
from tests.e2e.people import PASSWORD, Person
from tests.harness.servers import Embedded

SHORT_LIFE = {"RATE_LIMITS": "off", "ACCESS_TOKEN_SECONDS": "4"}


@pytest.fixture
def short_lived(browser: Browser) -> Iterator[Person]:
    """Somebody whose access tokens live for four seconds."""
    with Embedded(env=SHORT_LIFE) as server:
        context = browser.new_context(base_url=server.base_url, locale="uk-UA")
        yield Person("Леся", context)
        context.close()


def test_one_comes_back_to_where_one_wanted_to_go(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    olena.context.clear_cookies()
    olena.page.goto("/chat/1")
    olena.page.wait_for_url("**/login*")
    olena.sign_in()
    olena.page.wait_for_url("**/chat/1")
    # The refused refresh is a line in the browser's own log of the network, as in every browser.
    olena.errors[:] = [error for error in olena.errors if "/api/auth/refresh" not in error]


def test_a_stranger_sees_no_error_but_the_login_page(meet: Meet) -> None:
    somebody = meet("Хтось")
    somebody.page.goto("/")
    somebody.page.wait_for_url("**/login*")
    expect(somebody.page.locator("input[autocomplete=username]")).to_be_visible()
    expect(somebody.page.locator("input[autocomplete=current-password]")).to_be_visible()


@pytest.mark.parametrize(("locale", "expected"), [("uk-UA", "uk"), ("en-GB", "en"), ("de-DE", "en")])
def test_the_language_is_the_browsers(meet: Meet, locale: str, expected: str) -> None:
    somebody = meet("Хтось", locale=locale)
    somebody.page.goto("/login")
    expect(somebody.page.locator("html")).to_have_attribute("lang", expected)


def test_a_wrong_password_is_told_at_its_field(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    olena.context.clear_cookies()
    olena.page.goto("/login")
    olena.page.locator("input[autocomplete=username]").fill(olena.name)
    olena.page.locator("input[autocomplete=current-password]").fill("wrong password")
    olena.page.keyboard.press("Enter")
    alert = olena.page.get_by_role("alert")
    expect(alert).to_be_visible()
    described = olena.page.locator("input[aria-describedby], input[aria-errormessage]").first
    expect(described).to_have_attribute("aria-invalid", "true")
    olena.errors[:] = [error for error in olena.errors if "/api/auth/" not in error]


def test_a_taken_name_is_told(meet: Meet) -> None:
    first, second = meet("Олена"), meet("Олена")
    first.register()
    second.name = first.name
    second.page.goto("/register")
    second.page.locator("input[autocomplete=username]").fill(first.name)
    second.page.locator("input[autocomplete=email]").fill(f"other-{first.name}@example.com")
    second.page.locator("input[autocomplete=new-password]").first.fill(PASSWORD)
    second.page.keyboard.press("Enter")
    expect(second.page.get_by_role("alert").first).to_be_visible()
    expect(second.page).to_have_url(re.compile("/register"))
    second.errors[:] = [error for error in second.errors if "/api/auth/register" not in error]


def test_nothing_secret_is_left_where_scripts_can_read(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    stored = olena.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "eyJ" not in stored
    assert PASSWORD not in stored
    assert "refresh_token" not in stored


def test_tokens_are_renewed_in_silence(short_lived: Person) -> None:
    page = short_lived.page
    short_lived.register()
    for _ in range(3):
        with page.expect_response(lambda response: "/api/auth/refresh" in response.url, timeout=15_000) as renewed:
            pass
        assert renewed.value.status == 200
    expect(page).to_have_url(re.compile("/chat"))
    page.reload()
    expect(page.get_by_role("navigation").get_by_role("searchbox")).to_be_visible()
    assert short_lived.errors == []


def test_signing_out_ends_every_tab(meet: Meet) -> None:
    olena = meet("Олена")
    olena.register()
    second = olena.context.new_page()
    second.goto("/chat")
    expect(second.get_by_role("navigation").get_by_role("searchbox")).to_be_visible()
    olena.page.goto("/settings")
    olena.page.get_by_role("button", name="Вийти").first.click()
    olena.page.wait_for_url("**/login*")
    second.wait_for_url("**/login*")
