"""Files: what they really are, what they are called, and which part of them is asked for."""

import pytest
from starlette.datastructures import Headers

from chat_service.files.names import clean, content_disposition, fitting
from chat_service.files.ranges import Part, Unsatisfiable, is_unchanged, wanted_part
from chat_service.files.sniffing import INLINE, sniff


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
        (b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00mif1heicmiaf", "image/heic"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf", "image/avif"),
        (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00mp42isom", "application/octet-stream"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "application/octet-stream"),
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
        ("👨\u200d👩\u200d👧.jpg", "👨\u200d👩\u200d👧.jpg"),
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


@pytest.mark.parametrize(
    ("name", "content_type", "kept"),
    [
        ("їжак.HEIC", "image/jpeg", "їжак.jpg"),
        ("a.heif", "image/jpeg", "a.jpg"),
        ("a.heic", "text/plain", "a.heic"),
        ("a.jpeg", "image/jpeg", "a.jpeg"),
        ("heic", "image/jpeg", "heic"),
    ],
)
def test_a_converted_photo_is_called_what_it_is(name: str, content_type: str, kept: str) -> None:
    assert fitting(name, content_type) == kept


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
