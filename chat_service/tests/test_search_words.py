"""How search compares texts."""

import pytest

from chat_service.search.words import searchable, words


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Привіт, Світе", "привіт"),
        ("пам’ять", "пам'ять"),
        ("пам'ять", "память"),
        ("ґанок", "ганок"),
        ("їжак", "іжак"),
        ("STRASSE", "straße"),
        ("ｆｕｌｌ", "full"),
        ("cafe\u0301", "café"),
    ],
)
def test_words_are_found_as_people_type_them(text: str, query: str) -> None:
    assert words(query)[0] in (searchable(text) or "")


def test_a_deleted_text_has_nothing_to_find() -> None:
    assert searchable(None) is None


def test_an_empty_query_has_no_words() -> None:
    assert words("  ' ") == []
