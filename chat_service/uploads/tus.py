"""The headers of the tus protocol 1.0.0: core, creation, termination and expiration. Pure.

https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers

from shared.errors import Conflict, Invalid, Problem, TooLarge, UnsupportedMediaType
from shared.schemas import is_storable

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
CHUNK_TYPE = "application/offset+octet-stream"
MAX_DIGITS = 16
MAX_METADATA = 4096


class WrongVersion(Problem):
    """The client speaks another version of the protocol."""

    status = 412
    code = "tus_version"
    detail = "This server speaks version 1.0.0 of the tus protocol."

    def headers(self) -> dict[str, str]:
        return {"Tus-Version": VERSION}


class OffsetConflict(Conflict):
    """The bytes do not follow those that are here."""

    code = "offset_conflict"
    detail = "These bytes do not follow the ones that are here. Ask where to go on."


def require_version(headers: Headers) -> None:
    """`WrongVersion` unless the client speaks ours."""
    if headers.get("tus-resumable") != VERSION:
        raise WrongVersion


def upload_length(headers: Headers, maximum: int) -> int:
    """How many bytes the file has: known from the beginning, so that a quota can be kept."""
    length = _number(headers, "upload-length")
    if length > maximum:
        raise TooLarge(f"A file has at most {maximum} bytes.")
    return length


def chunk_offset(headers: Headers) -> int:
    """Where the bytes of a PATCH belong."""
    if headers.get("content-type", "").strip().lower() != CHUNK_TYPE:
        raise UnsupportedMediaType
    return _number(headers, "upload-offset")


def filename(headers: Headers) -> str | None:
    """The name in `Upload-Metadata`; other keys are nothing to us."""
    given = headers.get("upload-metadata", "")
    if len(given) > MAX_METADATA:
        raise Invalid("Upload-Metadata is too long.")
    for pair in given.split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            return _decoded(value)
    return None


def answer_headers(*, offset: int | None = None, length: int | None = None, expires: datetime) -> dict[str, str]:
    """What every answer about an upload tells."""
    headers = {"Upload-Expires": format_datetime(expires, usegmt=True)}
    if offset is not None:
        headers["Upload-Offset"] = str(offset)
    if length is not None:
        headers["Upload-Length"] = str(length)
    return headers


def _number(headers: Headers, name: str) -> int:
    value = headers.get(name, "")
    if not (value.isascii() and value.isdigit()) or len(value) > MAX_DIGITS:
        raise Invalid(f"{name.title()} must be a whole number.")
    return int(value)


def _decoded(value: str) -> str:
    try:
        name = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise Invalid("The filename in Upload-Metadata must be UTF-8 in base64.") from error
    if not is_storable(name):
        raise Invalid("The filename must not contain U+0000.")
    return name
