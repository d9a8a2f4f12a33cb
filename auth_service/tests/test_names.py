"""Names: which may be, and when two are the same."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import pytest
from pydantic_core import PydanticCustomError

from auth_service.names import MAX_TYPED, clean_display_name, clean_email, clean_username, name_key


@pytest.mark.parametrize("name", ["bob", "Їжак_1", "Олена-К.", "名前です", "josé", "x" * 50, "123"])
def test_usernames_of_any_script(name: str) -> None:
    assert clean_username(name) == name


@pytest.mark.parametrize(
    "name", ["ab", "x" * 51, "a b c", "a@b", "bob\u200b", "bob\u202e", "bob\x00", "емодзі🙂", "a/b/c", "½½½", "   "]
)
def test_usernames_that_may_not_be(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        clean_username(name)


def test_a_username_is_shown_in_nfc() -> None:
    assert clean_username("jose\u0301") == "josé"


@pytest.mark.parametrize(("one", "other"), [("BOB", "bob"), ("ЇЖАК", "їжак"), ("ｂｏｂ", "bob"), ("STRASSE", "straße")])
def test_names_that_are_the_same(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb", "a\u202eb", "a\x00b", "a\u200bb"])
def test_display_names_that_may_not_be(name: str) -> None:
    with pytest.raises(PydanticCustomError):
        clean_display_name(name)


@pytest.mark.parametrize("clean", [clean_username, clean_display_name, clean_email])
@pytest.mark.parametrize("text", ["\u0300" * 30_000, "a" * MAX_TYPED + "@b.ua", "Ann" + " " * MAX_TYPED + "na"])
def test_what_is_longer_than_any_name_is_refused_and_not_normalized(
    clean: Callable[[str], str], text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    normalize, lengths = unicodedata.normalize, [0]

    def noted(form: Literal["NFC", "NFKC"], given: str) -> str:
        lengths.append(len(given))
        return normalize(form, given)

    monkeypatch.setattr(unicodedata, "normalize", noted)
    with pytest.raises(PydanticCustomError):
        clean(text)
    name_key(text)
    assert max(lengths) <= MAX_TYPED


@pytest.mark.parametrize("address", ["a@b.ua", "olena@chat.local", "пошта@приклад.укр"])
def test_addresses(address: str) -> None:
    assert clean_email(address)


@pytest.mark.parametrize("address", ["", "a", "a@", "@b", "a@b\n.c", "a b@c.d", "a@@b.c", "x" * 300 + "@b.c"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(PydanticCustomError):
        clean_email(address)
