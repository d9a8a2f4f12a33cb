"""Pictures that no camera makes: bombs, loops and headers that lie."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
SCRIPT = b"<script>alert('SECRET-SCRIPT')</script>"
COLORS = ("red", "lime", "blue", "yellow")


def picture(size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Four corners of four colours: red and green above, blue and yellow below."""
    found = Image.new("RGB", size)
    half = (size[0] // 2, size[1] // 2)
    for number, color in enumerate(COLORS):
        found.paste(color, (half[0] * (number % 2), half[1] * (number // 2), size[0], size[1]))
    return found


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The image as a file."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *before: bytes, rows: bytes | None = None, depth: int = 8) -> bytes:
    """A grey PNG with these chunks before its pixels; `rows` is its pixels, compressed."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    pixels = zlib.compress(bytes((width + 1) * height)) if rows is None else rows
    return PNG_SIGNATURE + header + b"".join(before) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zero bytes, deflated; made without ever having them."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    parts = [packer.compress(block) for _ in range(count >> 20)]
    return b"".join(parts) + packer.flush()


def flood() -> bytes:
    """900 million pixels in a file of 110 kB."""
    return png(30_000, 30_000, rows=zeros(30_000 * 3_751), depth=1)


def gif_of(frames: int) -> bytes:
    """A film of one pixel."""
    head = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
    frame = b"\x21\xf9\x04\x00\x01\x00\x00\x00\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"
    return head + frame * frames + b"\x3b"


def jpeg_that_says(width: int, height: int) -> bytes:
    """A small JPEG whose header claims this size."""
    content = encoded(picture(), "JPEG")
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def webp_that_says(width: int, height: int) -> bytes:
    """A WebP whose canvas claims this size."""
    content = encoded(picture(), "WEBP", exif=b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00")
    at = content.index(b"VP8X") + 12
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return content[:at] + size + content[at + 6 :]


def avif_that_says(width: int, height: int) -> bytes:
    """An AVIF whose `ispe` box claims this size."""
    content = encoded(picture(), "AVIF")
    at = content.index(b"ispe") + 8
    return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]


def exif_of(entries: bytes, count: int) -> bytes:
    """EXIF with one directory that is followed by itself."""
    return b"Exif\x00\x00MM\x00*\x00\x00\x00\x08" + struct.pack(">H", count) + entries + struct.pack(">I", 8)


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    """One entry of a directory."""
    return struct.pack(">HHII", tag, kind, count, value)


EXIF_LOOP = exif_of(entry(0x8769, 4, 1, 8) + entry(0x8825, 4, 1, 8) + entry(0xA005, 4, 1, 8), 3)
"""Each of its sub-directories is itself."""
EXIF_HUGE = exif_of(entry(0x010F, 2, 0xFFFFFFFF, 0xFFFFFF00) + entry(0x0112, 3, 0x7FFFFFFF, 6), 2)
"""Values of four gigabytes that lie outside."""


def jpeg_with(marker: int, *payloads: bytes) -> bytes:
    """A JPEG with segments of this kind behind its beginning."""
    content = encoded(picture(), "JPEG")
    segments = b"".join(bytes([0xFF, marker]) + struct.pack(">H", len(each) + 2) + each for each in payloads)
    return content[:2] + segments + content[2:]
