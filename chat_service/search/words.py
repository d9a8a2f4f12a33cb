"""How search compares texts: any script and case, and kind to Ukrainian spelling."""

import re

from shared.text import folded

APOSTROPHES = re.compile("['`´ʼ’‘ʹ]")  # typed in many ways, and often left out


def searchable(text: str | None) -> str | None:
    """The text as it is compared: NFKC, casefolded, apostrophes and rare letters evened out."""
    if text is None:
        return None
    plain = APOSTROPHES.sub("", text)  # much faster than `str.translate`, and this is done with every message
    return folded(plain).replace("ґ", "г").replace("ї", "і")  # typed by people whose keyboard lacks the letter


def words(query: str) -> list[str]:
    """The words of a query as they are compared."""
    return (searchable(query) or "").split()
