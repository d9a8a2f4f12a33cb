"""What a camera knows is nowhere in what is served: for every format, every way up, and for pictures that move."""

import io
import struct
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.api.uploads import GPS_INFO, MAKE, ORIENTATION, open_image, upload
from tests.files.catalogue import HEIC
from tests.files.pictures import COLORS, chunk, encoded, picture
from tests.files.tus import upload_in_parts
from tests.stack.people import Person

pytestmark = pytest.mark.shapes("embedded-folder")
SIZE = (96, 48)
MODEL, COMMENT, SERIAL, DATE = 0x0110, 0x9286, 0xA431, 0x9003
SECRETS = (b"SECRET", b"Exif\0\0", b"GPSLat", b"http://ns.adobe.com", b"xpacket", b"2024:05:06", b"Photoshop 3.0")
XMP = b'<?xpacket begin=""?><x:xmpmeta xmlns:x="http://ns.adobe.com/x/">SECRET GPSLatitude</x:xmpmeta>'
IPTC = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0a\x1c\x02\x50\x00\x06SECRET"
CORNERS = ((0.15, 0.15), (0.85, 0.15), (0.15, 0.85), (0.85, 0.85))
RGB = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
SHOWN: dict[int, tuple[str, ...]] = {
    1: ("red", "lime", "blue", "yellow"),
    2: ("lime", "red", "yellow", "blue"),
    3: ("yellow", "blue", "lime", "red"),
    4: ("blue", "yellow", "red", "lime"),
    5: ("red", "blue", "lime", "yellow"),
    6: ("blue", "red", "yellow", "lime"),
    7: ("yellow", "lime", "blue", "red"),
    8: ("lime", "yellow", "red", "blue"),
}
"""By EXIF's orientation: the corners as a person sees them, from the top left on (TIFF 6.0, tag 274)."""


def exif(orientation: int) -> Image.Exif:
    """Who took it with what, when, where, and which way up."""
    found = Image.Exif()
    found[MAKE], found[MODEL], found[ORIENTATION] = "SECRET-MAKER", "SECRET-MODEL", orientation
    found[GPS_INFO] = {1: "N", 2: (50.0, 27.0, 0.0), 3: "E", 4: (30.0, 31.0, 0.0), 29: "2024:05:06"}
    details = found.get_ifd(0x8769)
    details[COMMENT], details[SERIAL], details[DATE] = (
        b"ASCII\0\0\0SECRET-COMMENT",
        "SECRET-SERIAL",
        "2024:05:06 01:02:03",
    )
    return found


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(orientation: int) -> bytes:
    """With all that a JPEG can say: EXIF, XMP, IPTC, a maker's own segment, a comment, a second picture behind it."""
    content = encoded(picture(SIZE), "JPEG", exif=exif(orientation), comment=b"SECRET-COMMENT", quality=95)
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP) + segment(0xED, IPTC) + segment(0xEC, b"Ducky SECRET")
    return content[:2] + more + content[2:] + encoded(picture(SIZE), "JPEG", comment=b"SECRET-SECOND")


def png(orientation: int) -> bytes:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", "SECRET-AUTHOR")
    text.add_text("Comment", "SECRET-COMMENT", zip=True)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    content = encoded(picture(SIZE), "PNG", exif=exif(orientation), pnginfo=text)
    return content[:-12] + chunk(b"tIME", struct.pack(">HBBBBB", 2024, 5, 6, 1, 2, 3)) + content[-12:]


def webp(orientation: int) -> bytes:
    return encoded(picture(SIZE), "WEBP", exif=exif(orientation), xmp=XMP, lossless=True)


def avif(orientation: int) -> bytes:
    return encoded(picture(SIZE), "AVIF", exif=exif(orientation), xmp=XMP, quality=90)


MAKERS = {"image/jpeg": jpeg, "image/png": png, "image/webp": webp, "image/avif": avif}


def corners(image: Image.Image) -> tuple[str, ...]:
    """The colours that a person sees, from the top left on."""
    pixels = image.convert("RGB")
    found = []
    for x, y in CORNERS:
        seen: Any = pixels.getpixel((int(x * image.width), int(y * image.height)))
        found.append(min(RGB, key=lambda name: sum(abs(a - b) for a, b in zip(RGB[name], seen, strict=True))))
    return tuple(found)


def assert_silent(content: bytes) -> None:
    """Neither the bytes nor what a decoder finds in them tell anything."""
    assert [secret for secret in SECRETS if secret in content] == []
    image = open_image(content)
    assert dict(image.getexif()) in ({}, {ORIENTATION: 1})
    assert not {"exif", "xmp", "comment", "photoshop", "XML:com.adobe.xmp", "Author", "Comment"} & image.info.keys()


@pytest.mark.parametrize("orientation", SHOWN)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_photo_says_nothing_and_stands_upright(ann: Person, kind: str, orientation: int) -> None:
    original = MAKERS[kind](orientation)
    assert b"SECRET" in original
    file = upload(ann, "photo", original)
    expected = SIZE if orientation < 5 else SIZE[::-1]

    assert (file["content_type"], file["width"], file["height"]) == (kind, *expected)
    for key in ("url", "thumbnail_url"):
        content = ann.client.get(file[key]).content
        assert_silent(content)
        image = open_image(content)
        assert image.size == expected
        assert corners(image) == SHOWN[orientation]
        assert getattr(image, "n_frames", 1) == 1


def test_the_list_of_ways_up_is_right() -> None:
    """What we believe of orientations is what Pillow believes; else the test above proves nothing."""
    from PIL import ImageOps

    for orientation, expected in SHOWN.items():
        image = Image.open(io.BytesIO(encoded(picture(SIZE), "PNG", exif=exif(orientation))))
        assert corners(ImageOps.exif_transpose(image)) == expected
    assert SHOWN[1] == COLORS


@pytest.mark.parametrize("is_resumable", [False, True])
def test_a_photo_of_a_phone_becomes_a_jpeg_that_says_nothing(ann: Person, is_resumable: bool) -> None:
    """64 × 32, red on the left and blue on the right, orientation 6: red is on top."""
    assert b"Exif" in HEIC
    file = upload_in_parts(ann, HEIC, "IMG_1.HEIC") if is_resumable else upload(ann, "IMG_1.HEIC", HEIC)
    assert (file["content_type"], file["filename"], file["width"], file["height"]) == (
        "image/jpeg",
        "IMG_1.jpg",
        32,
        64,
    )
    for key in ("url", "thumbnail_url"):
        content = ann.client.get(file[key]).content
        assert_silent(content)
        image = open_image(content).convert("RGB")
        assert image.size == (32, 64)
        top, bottom = (image.getpixel((16, y)) for y in (8, 56))
        assert isinstance(top, tuple)
        assert isinstance(bottom, tuple)
        assert top[0] > top[2] + 150
        assert bottom[2] > bottom[0] + 150


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_film_says_nothing_and_keeps_moving(ann: Person, kind: str) -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in COLORS]
    options: dict[str, Any] = {"exif": exif(1), "lossless": True, "xmp": XMP} if kind == "WEBP" else {"exif": exif(1)}
    original = encoded(
        frames[0], kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300, 400], **options
    )
    if kind == "PNG":
        original = original[:-12] + chunk(b"tEXt", b"Comment\0SECRET") + original[-12:]
    file = upload(ann, "film", original)
    content = ann.client.get(file["url"]).content

    assert_silent(content)
    assert_silent(ann.client.get(file["thumbnail_url"]).content)
    image = Image.open(io.BytesIO(content))
    assert getattr(image, "n_frames", 1) == len(frames)
    for number, color in enumerate(COLORS):
        image.seek(number)
        image.load()
        assert image.convert("RGB").getpixel((3, 3)) == RGB[color]
        assert image.info["duration"] == 100 * (number + 1)


def test_a_gif_loses_its_comments_alone(ann: Person) -> None:
    frames = [Image.new("RGB", (20, 10), color) for color in COLORS]
    film = {"save_all": True, "append_images": frames[1:], "duration": 100, "loop": 0}
    original = encoded(frames[0], "GIF", **film)
    for comment in ({}, {"comment": "SECRET"}):
        sent = encoded(frames[0], "GIF", **film, **comment)
        assert ann.client.get(upload(ann, "film", sent)["url"]).content == original


def test_an_avif_film_is_served_as_it_came(ann: Person) -> None:
    """No camera makes such: nothing of ours is done to it."""
    frames = [Image.new("RGB", (20, 10), color) for color in COLORS]
    original = encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=100)
    content = ann.client.get(upload(ann, "film", original)["url"]).content
    assert content == original
    assert getattr(open_image(content), "n_frames", 1) == len(frames)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_colours_keep_their_profile(ann: Person, kind: str) -> None:
    """The one thing that stays, because without it colours change."""
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    original = encoded(picture(SIZE), kind, icc_profile=profile, exif=exif(6))
    content = ann.client.get(upload(ann, "photo", original)["url"]).content
    assert open_image(content).info["icc_profile"] == profile
    assert_silent(content)
