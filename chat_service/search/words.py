"""How search compares texts: any script and case, and kind to Ukrainian spelling."""

import unicodedata

APOSTROPHES = str.maketrans(dict.fromkeys("'`´ʼ’‘ʹ"))  # typed in many ways, and often left out
OTHER_KEYBOARDS = str.maketrans({"ґ": "г", "ї": "і"})  # typed by people whose layout lacks the letter


def searchable(text: str | None) -> str | None:
    """The text as it is compared: NFKC, casefolded, apostrophes and rare letters evened out."""
    if text is None:
        return None
    plain = text.translate(APOSTROPHES)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold())
    return folded.translate(OTHER_KEYBOARDS)


def words(query: str) -> list[str]:
    """The words of a query as they are compared."""
    return (searchable(query) or "").split()
