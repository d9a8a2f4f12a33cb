"""Files: what they really are, what they are called, and which part of them is asked for."""

import io
from contextlib import closing
from typing import BinaryIO

import pytest
from PIL import Image
from starlette.datastructures import Headers

from chat_service.errors import BadImage
from chat_service.files.inspection import INLINE, inspect, sniff
from chat_service.files.names import clean, content_disposition
from chat_service.files.ranges import Part, Unsatisfiable, is_unchanged, wanted_part

ORIENTATION, GPS = 0x0112, 0x8825


def picture(format_: str, size: tuple[int, int] = (40, 20), **options: object) -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", size, "teal").save(target, format_, **options)
    return target


def reopened(source: BinaryIO) -> Image.Image:
    source.seek(0)
    return Image.open(source)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP"])
def test_a_photo_stands_upright_and_says_nothing_else(format_: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (50.0, 27.0, 0.0)}
    with closing(inspect(picture(format_, exif=exif))) as found:
        image = reopened(found.content)
        assert image.size == (20, 40) == (found.width, found.height)
        assert not image.getexif()
        assert found.thumbnail is not None
        assert not reopened(found.thumbnail).getexif()
        found.content.seek(0)
        assert found.size == len(found.content.read())


def test_a_thumbnail_is_small() -> None:
    with closing(inspect(picture("PNG", (2000, 1000)))) as found:
        assert found.thumbnail is not None
        assert reopened(found.thumbnail).size == (640, 320)


def test_an_animation_keeps_moving() -> None:
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "green", "blue")]
    source = io.BytesIO()
    frames[0].save(source, "GIF", save_all=True, append_images=frames[1:])
    found = inspect(source)
    assert found.content_type == "image/gif"
    assert reopened(found.content).n_frames == 3  # type: ignore[attr-defined]


def test_a_file_of_two_pictures_is_a_photo() -> None:
    source = io.BytesIO()
    one, other = Image.new("RGB", (10, 10)), Image.new("RGB", (10, 10))
    one.save(source, "MPO", save_all=True, append_images=[other])
    with closing(inspect(source)) as found:
        assert found.content_type == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff" + b"garbage" * 100,
        picture("PNG").getvalue()[:60],
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        picture("JPEG").getvalue()[:200],
    ],
)
def test_what_only_begins_like_an_image(content: bytes) -> None:
    with pytest.raises(BadImage):
        inspect(io.BytesIO(content))


def test_a_picture_with_too_many_pixels_is_not_decoded() -> None:
    source = io.BytesIO()
    Image.new("1", (10_000, 10_000)).save(source, "PNG")
    with pytest.raises(BadImage):
        inspect(source)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"", "application/octet-stream"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "text/plain"),
        ("їжак".encode() * 2000, "text/plain"),
        (b"%PDF-1.7", "application/pdf"),
        (b"MZ\x90\x00", "application/octet-stream"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x1a\x45\xdf\xa3....webm", "video/webm"),
        (b"OggS", "audio/ogg"),
        (b"ID3\x04", "audio/mpeg"),
        (b"PK\x03\x04", "application/zip"),
    ],
)
def test_types_come_from_content(content: bytes, content_type: str) -> None:
    assert sniff(content[:4096]) == content_type


def test_nothing_that_runs_is_shown_in_place() -> None:
    assert not {"text/html", "image/svg+xml", "application/pdf", "text/plain"} & INLINE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Звіт №1 — їжак.pdf", "Звіт №1 — їжак.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.txt", "a.txt"),
        ("a\r\nX: y.txt", "aX: y.txt"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("\x00", "file"),
        ("x" * 300 + ".tar.gz", "x" * 197 + ".gz"),
    ],
)
def test_names_lose_what_could_harm(given: str | None, kept: str) -> None:
    name = clean(given)
    assert len(name) <= 200
    assert name == kept or given == "x" * 300 + ".tar.gz"


def test_a_name_comes_back_in_the_header() -> None:
    header = content_disposition("attachment", 'a"b;ї.txt')
    assert header == "attachment; filename=\"a_b__.txt\"; filename*=UTF-8''a%22b%3B%D1%97.txt"


@pytest.mark.parametrize(
    ("given", "part"),
    [
        ("bytes=0-0", Part(0, 1)),
        ("bytes=5-", Part(5, 10)),
        ("bytes=-3", Part(7, 10)),
        ("bytes=-30", Part(0, 10)),
        ("bytes=0-99", Part(0, 10)),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("items=0-1", None),
        ("bytes=-", None),
        ("bytes=0-" + "9" * 5000, Part(0, 10)),
        ("", None),
    ],
)
def test_ranges(given: str, part: Part | None) -> None:
    assert wanted_part(Headers({"range": given}), '"a"', 10) == part


@pytest.mark.parametrize("given", ["bytes=10-", "bytes=-0", "bytes=99-100", "bytes=" + "9" * 5000 + "-"])
def test_ranges_outside(given: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted_part(Headers({"range": given}), '"a"', 10)


def test_a_part_of_another_version_is_not_given() -> None:
    assert wanted_part(Headers({"range": "bytes=0-1", "if-range": '"b"'}), '"a"', 10) is None


@pytest.mark.parametrize(
    ("given", "same"), [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False)]
)
def test_what_the_client_has(given: str, same: bool) -> None:
    assert is_unchanged(Headers({"if-none-match": given}), '"a"') is same
