"""PNG and WebP without what they say about their maker, their pictures untouched: chunk by chunk, animations too. Pure.

Only chunks that make up the picture are kept, and nothing after its end: so a file that is two things at once becomes
one. The containers are those of the PNG specification (3rd edition, §5 and §11) and of RFC 9649 (WebP).
"""

from typing import IO

PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}
    | {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"}
)
PNG_SIGNATURE_BYTES = 8
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
WEBP_METADATA_FLAGS = 0x04 | 0x08  # XMP, EXIF
COPY_BYTES = 64 * 1024


class Truncated(Exception):
    """The file ends within a chunk."""


def strip_png(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the picture alone."""
    source.seek(0)
    _copy(source, target, PNG_SIGNATURE_BYTES)
    kind = b""
    while kind != b"IEND":
        head = _exactly(source, 8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if kind in PNG_KEPT:
            target.write(head)
            _copy(source, target, length + 4)  # its checksum too
        else:
            source.seek(length + 4, 1)


def strip_webp(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the picture alone, and say so in its header."""
    source.seek(0)
    head = _exactly(source, 12)
    end = 8 + int.from_bytes(head[4:8], "little")
    target.write(head)
    while source.tell() + 8 <= end:
        chunk = _exactly(source, 8)
        length = int.from_bytes(chunk[4:], "little")
        padded = length + length % 2
        if chunk[:4] not in WEBP_KEPT:
            source.seek(padded, 1)
            continue
        target.write(chunk)
        if chunk[:4] == b"VP8X":
            flags = _exactly(source, 1)
            target.write(bytes([flags[0] & ~WEBP_METADATA_FLAGS]))
            padded -= 1
        _copy(source, target, padded)
    size = target.tell() - 8
    target.seek(4)
    target.write(size.to_bytes(4, "little"))


def _exactly(source: IO[bytes], count: int) -> bytes:
    data = source.read(count)
    if len(data) < count:
        raise Truncated
    return data


def _copy(source: IO[bytes], target: IO[bytes], count: int) -> None:
    while count:
        data = source.read(min(count, COPY_BYTES))
        if not data:
            raise Truncated
        target.write(data)
        count -= len(data)
