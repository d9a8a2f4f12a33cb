"""Pictures: decoded within bounds, set upright, rid of what they say about where and by whom they were taken.

Runs in the decoder's process (see `decoder`), so it imports nothing of the service.
"""

import warnings
from dataclasses import dataclass
from typing import IO

import pi_heif
from PIL import Image, ImageOps, JpegImagePlugin

from chat_service.files.sniffing import HEIC
from chat_service.files.stripping import strip_gif, strip_png, strip_webp

MAX_PIXELS = 50_000_000
MAX_FRAMES = 1_000
THUMBNAIL_EDGE = 640
ORIENTATION_TAG = 0x0112
UPRIGHT = (None, 1)
TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a phone's photo with a second picture behind it: to everybody but Pillow it is a JPEG
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "HEIF": HEIC,
}
FORMATS = [name for name in TYPES if name != "MPO"]  # found by way of JPEG
CAMERA_QUALITY = 92

Image.init()
pi_heif.register_heif_opener()


class Undecodable(Exception):
    """It begins like an image, but is none, or a larger one than we decode."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What was made of an image."""

    content_type: str
    width: int
    height: int
    is_rewritten: bool
    """Its bytes are in the target; else it is served as it came."""


def convert(source: IO[bytes], target: IO[bytes], thumbnail: IO[bytes], content_type: str) -> Picture:
    """Read `source`, sniffed to be `content_type`; write what is to be served, and a small WebP picture of it."""
    source.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=FORMATS) as image:
                _require_bounds(image, content_type)
                return _convert(source, image, target, thumbnail)
    except Undecodable:
        raise
    except Exception as error:  # decoders raise whatever a hostile file makes them raise
        raise Undecodable from error


def _require_bounds(image: Image.Image, content_type: str) -> None:
    if TYPES.get(image.format or "") != content_type or image.width * image.height > MAX_PIXELS:
        raise Undecodable
    if getattr(image, "n_frames", 1) > MAX_FRAMES:
        raise Undecodable


def _convert(source: IO[bytes], image: Image.Image, target: IO[bytes], thumbnail: IO[bytes]) -> Picture:
    image.load()
    content_type = TYPES[image.format or ""]
    is_animated = content_type != "image/jpeg" and getattr(image, "is_animated", False)
    is_upright = is_animated or image.getexif().get(ORIENTATION_TAG) in UPRIGHT
    is_rewritten = True
    match content_type:
        case "image/png" if is_upright:
            strip_png(source, target)
        case "image/webp" if is_upright:
            strip_webp(source, target)
        case "image/gif":
            strip_gif(source, target)
        case "image/avif" if is_animated or (is_upright and not {"exif", "xmp"} & image.info.keys()):
            is_rewritten = False
        case _:
            content_type = _save_upright(image, target)
    picture = Picture(content_type, image.width, image.height, is_rewritten)
    _save_thumbnail(image, thumbnail)
    return picture


def _save_upright(image: Image.Image, target: IO[bytes]) -> str:
    """The same picture, turned, without EXIF, GPS, comments and previews; the colour profile stays, colours need it."""
    format_, options = image.format or "", _save_options(image)
    ImageOps.exif_transpose(image, in_place=True)
    image.info = {name: image.info[name] for name in ("transparency",) if name in image.info}
    if format_ in ("MPO", "HEIF"):  # browsers show no HEIC, and everybody shows JPEG
        format_ = "JPEG"
        if image.mode not in ("RGB", "L", "CMYK"):
            image = image.convert("RGB")
    image.save(target, format_, **options)
    return TYPES[format_]


def _save_options(image: Image.Image) -> dict[str, object]:
    options: dict[str, object] = {}
    if profile := image.info.get("icc_profile"):
        options["icc_profile"] = profile
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        # The camera's own tables: hardly a loss, and no larger than it was.
        sampling = JpegImagePlugin.get_sampling(image)
        options |= {"qtables": image.quantization, "optimize": True}
        return options | {"subsampling": sampling} if sampling >= 0 else options
    if image.format == "AVIF":
        return options | {"quality": 80, "speed": 8}
    return options if image.format == "PNG" else options | {"quality": CAMERA_QUALITY}


def _save_thumbnail(image: Image.Image, target: IO[bytes]) -> None:
    """Made small first and converted then, in place: a full-size copy can take hundreds of megabytes."""
    if image.mode == "P":  # colours of a palette cannot be mixed
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    image.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.info = {}
    small.save(target, "WEBP", quality=80)
