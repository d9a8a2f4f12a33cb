"""Conditional and partial requests (RFC 9110 §13 and §14). Pure."""

import re
from dataclasses import dataclass

from starlette.datastructures import Headers

MAX_DIGITS = 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from `start` to before `end`."""

    start: int
    end: int


class Unsatisfiable(Exception):
    """No byte of the file is in the range that was asked for."""


def is_unchanged(headers: Headers, etag: str) -> bool:
    """Whether the client has this already (`If-None-Match`, weak comparison)."""
    given = headers.get("if-none-match", "")
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return given.strip() == "*" or etag in tags


def wanted_part(headers: Headers, etag: str, size: int) -> Part | None:
    """The one range that was asked for, None for the whole file; `Unsatisfiable` if it lies outside.

    Several ranges, other units and malformed ones are ignored, as the RFC allows; so is a range of another version
    (`If-Range`).
    """
    match = _RANGE.fullmatch(headers.get("range", "").strip())
    if match is None or headers.get("if-range", etag) != etag:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    first, last = first[:MAX_DIGITS], last[:MAX_DIGITS]  # still further than any file reaches, and cheap to read
    if not first:
        start, end = max(0, size - int(last)), size
        if int(last) == 0:
            raise Unsatisfiable
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, end)
