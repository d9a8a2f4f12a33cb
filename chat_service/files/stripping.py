"""PNG, WebP and GIF without what they say about their maker, their pictures untouched: piece by piece, animations too.

Only pieces that make up the picture are kept, and nothing after its end: so a file that is two things at once becomes
one. The containers are those of the PNG specification (3rd edition, §5 and §11), RFC 9649 (WebP) and GIF89a. Pure.
"""

from typing import IO

PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"acTL", b"fcTL", b"fdAT"}
    | {b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"sBIT", b"bKGD", b"pHYs"}
)
PNG_SIGNATURE_BYTES = 8
WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
WEBP_METADATA_FLAGS = 0x04 | 0x08  # XMP, EXIF
GIF_CONTROL, GIF_APPLICATION, GIF_END = b"!\xf9", b"!\xff", b";"
GIF_APPLICATIONS_KEPT = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"})  # how often it repeats, its colours
COPY_BYTES = 64 * 1024


class Truncated(Exception):
    """The file ends before the picture does, or goes on with what is no part of one."""


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


def strip_gif(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the picture alone: no comments, and no XMP."""
    source.seek(0)
    head = _exactly(source, 13)
    target.write(head)
    _copy(source, target, _palette_bytes(head[10]))
    while (kind := source.read(1)) not in (GIF_END, b""):  # some writers forget the former
        if kind == b",":
            place = _exactly(source, 9)
            target.write(kind + place)
            _copy(source, target, _palette_bytes(place[8]) + 1)  # and the width of its codes
            _copy_blocks(source, target)
        elif kind == b"!":
            _copy_extension(source, target, kind + _exactly(source, 1))
        # Whatever else stands between blocks, decoders pass it over.
    target.write(GIF_END)


def _copy_extension(source: IO[bytes], target: IO[bytes], kind: bytes) -> None:
    is_kept = kind == GIF_CONTROL
    if kind == GIF_APPLICATION:
        name = _exactly(source, _exactly(source, 1)[0])
        if not name:  # that was its end
            return
        is_kept = name in GIF_APPLICATIONS_KEPT
        kind += bytes([len(name)]) + name
    if is_kept:
        target.write(kind)
    _copy_blocks(source, target if is_kept else None)


def _copy_blocks(source: IO[bytes], target: IO[bytes] | None) -> None:
    """Copy data until its end, or pass over it."""
    while True:
        size = _exactly(source, 1)
        block = size + _exactly(source, size[0])
        if target is not None:
            target.write(block)
        if size == b"\0":
            return


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** (flags % 8 + 1) if flags & 0x80 else 0


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
