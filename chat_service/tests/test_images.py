"""Pictures: what is made of them, and what is left of a hostile one."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO

import pytest
from PIL import Image, PngImagePlugin

from chat_service.errors import BadImage
from chat_service.files.inspection import Inspected, Inspection
from tests.harness.processes import wait_until

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
SECRET = "SECRET-CAMERA"
HEIC = Path(__file__).parent / "data" / "photo.heic"
"""64 × 32, red and blue, with orientation 6, a maker and a place; no library that we use writes such files."""


@pytest.fixture(scope="module")
def inspection() -> Iterator[Inspection]:
    made = Inspection()
    yield made
    made.close()


def private_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[MAKE] = SECRET
    exif[GPS] = {1: "N", 2: (50.0, 27.0, 0.0)}
    return exif


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    target = io.BytesIO()
    image.save(target, format_, **options)
    return target.getvalue()


def halves(size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    return image


Upload = Callable[[bytes], IO[bytes]]


@pytest.fixture
def upload() -> Iterator[Upload]:
    """Makes files as the service gets them: in memory at first, without a name on disk."""
    with ExitStack() as files:

        def make(content: bytes) -> IO[bytes]:
            source: IO[bytes] = files.enter_context(tempfile.SpooledTemporaryFile(1024 * 1024))
            source.write(content)
            return source

        yield make


def served(found: Inspected) -> bytes:
    found.content.seek(0)
    content = found.content.read()
    assert found.size == len(content)
    return content


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def is_red(color: object) -> bool:
    assert isinstance(color, tuple)
    return bool(color[0] > 200 and color[2] < 60)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_photo_stands_upright_and_says_nothing_else(
    inspection: Inspection, upload: Upload, format_: str, orientation: int
) -> None:
    source = upload(encoded(halves(), format_, exif=private_exif(orientation)))
    with closing(inspection.inspect(source)) as found:
        content = served(found)
        image = opened(content)
        assert image.format == format_
        assert image.size == (found.width, found.height) == ((20, 40) if orientation == 6 else (40, 20))
        assert not image.getexif()
        assert SECRET.encode() not in content
        # Turned to the right, the left half is on top.
        assert is_red(image.convert("RGB").getpixel((2, 2)))
        assert found.thumbnail is not None
        found.thumbnail.seek(0)
        assert not opened(found.thumbnail.read()).getexif()


def test_a_photo_in_heic_becomes_a_jpeg(inspection: Inspection, upload: Upload) -> None:
    with closing(inspection.inspect(upload(HEIC.read_bytes()))) as found:
        image = opened(served(found))
        assert found.content_type == "image/jpeg"
        assert (image.format, image.size) == ("JPEG", (32, 64))
        assert not image.getexif()
        assert is_red(image.getpixel((2, 2)))


def test_pictures_that_stand_upright_are_copied_bit_by_bit(inspection: Inspection, upload: Upload) -> None:
    noise = Image.effect_noise((64, 64), 90).convert("RGB")
    for format_, options in (("PNG", {}), ("WEBP", {"lossless": True})):
        with closing(inspection.inspect(upload(encoded(noise, format_, **options)))) as found:
            assert opened(served(found)).convert("RGB").tobytes() == noise.tobytes()


def with_gif_xmp(content: bytes) -> bytes:
    """XMP as Adobe puts it into a GIF: raw, with a trailer that ends a reader's walk through it as blocks."""
    trailer = bytes([1, *range(255, -1, -1), 0])
    return content[:-1] + b"!\xff\x0bXMP DataXMP" + SECRET.encode() + trailer + content[-1:]


def test_texts_and_tails_are_cut_off(inspection: Inspection, upload: Upload) -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET)
    for content in (
        encoded(halves(), "PNG", pnginfo=text) + b"<script>tail</script>",
        encoded(halves(), "WEBP", xmp=SECRET.encode()) + b"<script>tail</script>",
        encoded(halves(), "JPEG", comment=SECRET) + b"<script>tail</script>",
        encoded(halves(), "GIF", comment=SECRET) + b"<script>tail</script>",
        with_gif_xmp(encoded(halves(), "GIF", comment=SECRET)),
    ):
        with closing(inspection.inspect(upload(content))) as found:
            assert SECRET.encode() not in served(found)
            assert b"tail" not in served(found)
            opened(served(found))


GIF = encoded(halves(), "GIF")
HIDDEN = bytes([len(SECRET)]) + SECRET.encode() + b"\x00"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GIF[:-1], id="without its end"),
        pytest.param(GIF[:-1] + b"\x00;", id="something between blocks"),
        pytest.param(GIF[:-1] + b"!\x42" + HIDDEN + b";", id="an unknown extension"),
        pytest.param(GIF[:-1] + b"!\x01" + HIDDEN + b";", id="plain text"),
        pytest.param(GIF[:-1] + b"!\xff\x00;", id="an application without a name"),
    ],
)
def test_a_careless_gif_is_a_picture(inspection: Inspection, upload: Upload, content: bytes) -> None:
    with closing(inspection.inspect(upload(content))) as found:
        assert opened(served(found)).convert("RGB").tobytes() == opened(GIF).convert("RGB").tobytes()
        assert served(found).endswith(b";")
        assert SECRET.encode() not in served(found)


@pytest.mark.parametrize("format_", ["GIF", "WEBP", "PNG", "AVIF"])
def test_an_animation_keeps_moving(inspection: Inspection, upload: Upload, format_: str) -> None:
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "green", "blue")]
    options = {"GIF": {"comment": SECRET}, "AVIF": {}}.get(format_, {"exif": private_exif(1)})
    content = encoded(frames[0], format_, save_all=True, append_images=frames[1:], duration=100, **options)
    with closing(inspection.inspect(upload(content))) as found:
        assert found.content_type == f"image/{format_.lower()}"
        assert opened(served(found)).n_frames == 3  # type: ignore[attr-defined]
        assert SECRET.encode() not in served(found)


def test_colours_keep_their_profile(inspection: Inspection, upload: Upload) -> None:
    profile = b"\x00" * 128
    for format_ in ("JPEG", "PNG", "WEBP"):
        with closing(inspection.inspect(upload(encoded(halves(), format_, icc_profile=profile)))) as found:
            assert opened(served(found)).info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_all_kinds_of_pixels(inspection: Inspection, upload: Upload, mode: str) -> None:
    format_ = "JPEG" if mode == "CMYK" else "PNG"
    for orientation in (1, 6):
        source = upload(encoded(Image.new(mode, (8, 4)), format_, exif=private_exif(orientation)))
        with closing(inspection.inspect(source)) as found:
            assert opened(served(found)).mode == mode
            assert found.thumbnail is not None


def test_a_thumbnail_is_small(inspection: Inspection, upload: Upload) -> None:
    with closing(inspection.inspect(upload(encoded(halves((2000, 1000)), "PNG")))) as found:
        assert (found.width, found.height) == (2000, 1000)
        assert found.thumbnail is not None
        found.thumbnail.seek(0)
        assert opened(found.thumbnail.read()).size == (640, 320)


def test_a_file_of_two_pictures_is_a_photo(inspection: Inspection, upload: Upload) -> None:
    content = encoded(halves(), "MPO", save_all=True, append_images=[halves()])
    with closing(inspection.inspect(upload(content))) as found:
        assert found.content_type == "image/jpeg"
        assert getattr(opened(served(found)), "n_frames", 1) == 1


PNG = encoded(halves(), "PNG")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + b"garbage" * 100,
        PNG[:60],
        PNG[:-12],
        b"GIF89a",
        GIF[:-2],
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        encoded(halves(), "JPEG")[:200],
        HEIC.read_bytes()[:500],
        encoded(Image.new("1", (10_000, 10_000)), "PNG"),
    ],
    ids=["garbage", "cut", "no end", "gif", "gif cut", "webp", "jpeg", "heic", "bomb"],
)
def test_what_only_begins_like_an_image(inspection: Inspection, upload: Upload, content: bytes) -> None:
    with pytest.raises(BadImage):
        inspection.inspect(upload(content))


def test_a_large_file_that_is_served_as_it_came_is_read_whole(inspection: Inspection, upload: Upload) -> None:
    """The decoder moves the position of the very file that is hashed afterwards."""
    noise = Image.effect_noise((1500, 1500), 90).convert("P")
    content = encoded(noise, "AVIF", quality=100)
    assert len(content) > 1024 * 1024
    with closing(inspection.inspect(upload(content))) as found:
        assert served(found) == content


def test_an_image_that_takes_too_long_is_given_up_and_the_next_one_is_read(upload: Upload) -> None:
    impatient = Inspection(decode_seconds=0.001)
    with pytest.raises(BadImage):
        impatient.inspect(upload(PNG))
    patient = Inspection()
    with closing(patient.inspect(upload(PNG))) as found:
        assert (found.width, found.height) == (40, 20)
    for one in (impatient, patient):
        one.close()


def test_a_decoder_that_dies_is_started_again(inspection: Inspection, upload: Upload) -> None:
    with closing(inspection.inspect(upload(PNG))):
        assert inspection.decoder_pid is not None
    os.kill(inspection.decoder_pid, 9)
    with closing(inspection.inspect(upload(PNG))) as found:
        assert found.width == 40


def test_an_idle_decoder_ends(upload: Upload) -> None:
    hasty = Inspection(idle_seconds=0.0)
    with closing(hasty.inspect(upload(PNG))):
        wait_until(lambda: hasty.decoder_pid is None, "the end of the decoder")
