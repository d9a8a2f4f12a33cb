"""What a file really is, by its content: names and declared types are only what somebody says.

Runs in a worker thread. Images are decoded within bounds, set upright, stripped of what they say about where and by
whom they were taken, and get a thumbnail.
"""

import hashlib
import io
import tempfile
import warnings
from dataclasses import dataclass
from typing import Any, BinaryIO

from PIL import Image, ImageOps

from chat_service.errors import BadImage

MAX_PIXELS = 50_000_000
MAX_FRAMES = 1_000
THUMBNAIL_EDGE = 640
SNIFF_BYTES = 4096
SPOOL_BYTES = 1024 * 1024
FORMATS = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "AVIF": "image/avif"}
REWRITTEN = ("JPEG", "PNG", "WEBP")
OCTETS = "application/octet-stream"

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf2", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
VIDEO_BRANDS = (b"iso", b"mp4", b"avc1", b"dash", b"M4V", b"MSNV")
NOT_VIDEO = (b"heic", b"heix", b"mif1", b"msf1", b"M4A ", b"M4B ")
INLINE = frozenset(
    {
        "image/png",
        "image/jpeg",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/ogg",
    }
)
"""What a browser may show in place; all else is a download, whatever it looks like."""


@dataclass(slots=True)
class Inspected:
    """A file as it will be served; its owner closes it."""

    content: BinaryIO
    content_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    thumbnail: BinaryIO | None = None

    def close(self) -> None:
        """Give up the bytes; a copy on disk goes with them."""
        self.content.close()
        if self.thumbnail is not None:
            self.thumbnail.close()


def sniff(head: bytes) -> str:
    """The type of a file that begins like this; plain text and all unknown are octets or text, never a page."""
    for offset, signature, content_type in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            if signature == b"WEBP" and not head.startswith(b"RIFF"):
                continue
            return content_type
    if head[4:8] == b"ftyp":
        return _sniff_box(head)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return "text/plain" if _is_text(head) else OCTETS


def _sniff_box(head: bytes) -> str:
    """By the brands of an ISO base media file: the major one, and those that it is compatible with."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    if {b"avif", b"avis"} & set(brands):
        return "image/avif"
    if head[8:12] not in NOT_VIDEO and any(brand.startswith(VIDEO_BRANDS) for brand in brands):
        return "video/mp4"
    return OCTETS


def _is_text(head: bytes) -> bool:
    if not head or b"\x00" in head:
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # a character cut at the end of the sample
    return True


def inspect(source: BinaryIO) -> Inspected:
    """Find out what a file is; `BadImage` if it begins like an image that cannot be decoded within bounds."""
    source.seek(0)
    content_type = sniff(source.read(SNIFF_BYTES))
    if content_type in FORMATS.values():
        return _inspect_image(source, content_type)
    return _measured(source, content_type)


def _measured(source: BinaryIO, content_type: str) -> Inspected:
    source.seek(0)
    digest = hashlib.file_digest(source, "sha256").hexdigest()  # type: ignore[arg-type]  # every file that we open has readinto
    return Inspected(source, content_type, size=source.tell(), sha256=digest)


def _inspect_image(source: BinaryIO, content_type: str) -> Inspected:
    source.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=[*FORMATS, "MPO"]) as image:
                if FORMATS.get(_format(image)) != content_type or image.width * image.height > MAX_PIXELS:
                    raise BadImage
                if getattr(image, "n_frames", 1) > MAX_FRAMES:
                    raise BadImage
                return _decoded(source, image, content_type)
    except BadImage:
        raise
    except Exception as error:  # decoders raise whatever a hostile file makes them raise
        raise BadImage from error


def _format(image: Image.Image) -> str:
    # Phones put a second picture behind the first; Pillow calls that MPO, to everybody else it is a JPEG.
    return "JPEG" if image.format == "MPO" else image.format or ""


def _decoded(source: BinaryIO, image: Image.Image, content_type: str) -> Inspected:
    image.load()
    format_ = _format(image)
    is_animated = format_ != "JPEG" and getattr(image, "is_animated", False)
    if not is_animated:
        ImageOps.exif_transpose(image, in_place=True)
    if format_ in REWRITTEN and not is_animated:
        inspected = _measured(_rewritten(image, format_), content_type)
    else:
        inspected = _measured(source, content_type)
    inspected.width, inspected.height = image.size
    inspected.thumbnail = _thumbnail(image)
    return inspected


def _rewritten(image: Image.Image, format_: str) -> BinaryIO:
    """The same picture without EXIF, GPS, comments and previews; the colour profile stays, colours need it."""
    target: BinaryIO = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # type: ignore[assignment]  # noqa: SIM115
    kept: dict[Any, Any] = {name: image.info[name] for name in ("icc_profile", "transparency") if name in image.info}
    image.info = {}
    options: dict[str, object] = {"icc_profile": kept["icc_profile"]} if "icc_profile" in kept else {}
    if format_ == "JPEG":
        options |= {"quality": 92, "optimize": True}
    elif format_ == "WEBP":
        options |= {"quality": 90}
    elif "transparency" in kept:
        options |= {"transparency": kept["transparency"]}
    image.save(target, format_, **options)
    image.info = kept
    return target


def _thumbnail(image: Image.Image) -> BinaryIO:
    """Made small first and converted then, in place: a full-size copy can take hundreds of megabytes."""
    if image.mode == "P":  # colours of a palette cannot be mixed
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.info = {}
    target = io.BytesIO()
    small.save(target, "WEBP", quality=80)
    return target
