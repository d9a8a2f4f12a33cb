"""File names: kept as people gave them, less what could harm."""

import unicodedata
from urllib.parse import quote

MAX_LENGTH = 200
FALLBACK = "file"
JOINERS = "\u200c\u200d"  # parts of words in Persian, and of emoji
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(name: str | None) -> str:
    """The last part of the name without control and direction characters, at most 200 characters with its ending."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    safe = "".join(each for each in last if each in JOINERS or unicodedata.category(each) not in _UNSAFE).strip()
    if not safe.strip("."):
        return FALLBACK
    if len(safe) > MAX_LENGTH:
        stem, dot, ending = safe.rpartition(".")
        safe = f"{stem[: MAX_LENGTH - len(ending) - 1]}.{ending}" if dot and len(ending) < 20 else safe[:MAX_LENGTH]
    return safe


def fitting(name: str, content_type: str) -> str:
    """The name with another ending, where the file became another one: photos in HEIC are served as JPEG."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.jpg" if dot and content_type == "image/jpeg" and ending.lower() in ("heic", "heif") else name


def content_disposition(kind: str, name: str) -> str:
    """The header of RFC 6266: the name itself in UTF-8, and a plain one for clients that know no better."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
