"""Files to upload, and how."""

import io
from typing import Any

import httpx2
from PIL import Image

from tests.api.calls import Json, ok
from tests.stack.people import Person

ATTACHMENT_KEYS = {"id", "filename", "content_type", "size", "width", "height", "url", "thumbnail_url"}
GPS_INFO, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F
ROTATED_90 = 6


def post_files(person: Person, *files: tuple[Any, ...]) -> httpx2.Response:
    """Upload `(name, content)` or `(name, content, type)`."""
    return person.client.post("/api/files/upload", files=[("files", file) for file in files])


def upload(person: Person, name: str = "a.txt", content: bytes = b"0123456789", kind: str | None = None) -> Json:
    """Upload one file."""
    file = (name, content) if kind is None else (name, content, kind)
    (attachment,) = ok(post_files(person, file), 201)
    return dict(attachment)


def image(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **options: Any) -> bytes:
    """A picture whose left half is red and whose right half is blue."""
    picture = Image.new("RGB", size, (255, 0, 0))
    picture.paste((0, 0, 255), (size[0] // 2, 0, size[0], size[1]))
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def private_exif(orientation: int = 1) -> Image.Exif:
    """Who took it, where, and which way up."""
    exif = Image.Exif()
    exif[MAKE] = "SECRET-CAMERA"
    exif[ORIENTATION] = orientation
    exif[GPS_INFO] = {1: "N", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 0.0)}
    return exif


def open_image(content: bytes) -> Image.Image:
    """The picture in these bytes, fully decoded."""
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture
