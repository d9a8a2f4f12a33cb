"""Pictures: measured, shown upright, without what the camera knew, and never a bomb."""

import struct
import zlib
from typing import Any

import pytest

from tests.api.calls import body_to, ok, problem, send
from tests.api.uploads import ROTATED_90, image, open_image, post_files, private_exif, upload
from tests.stack.people import Person


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF"])
def test_a_picture_is_measured_and_shown_inline(ann: Person, bob: Person, kind: str) -> None:
    attachment = upload(ann, "picture.bin", image(kind), "application/octet-stream")
    send(ann, bob, None, attachment_ids=[attachment["id"]])

    assert (attachment["width"], attachment["height"], attachment["content_type"]) == (64, 32, f"image/{kind.lower()}")
    answer = bob.client.get(attachment["url"])
    assert answer.headers["Content-Type"] == f"image/{kind.lower()}"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert attachment["size"] == len(answer.content)
    assert open_image(answer.content).size == (64, 32)


@pytest.mark.parametrize(
    ("size", "kind"),
    [((64, 32), "PNG"), ((2000, 500), "JPEG"), ((500, 2000), "WEBP"), ((1, 1), "PNG"), ((3000, 2), "PNG")],
)
def test_a_thumbnail_is_a_small_picture_of_the_same_shape(ann: Person, size: tuple[int, int], kind: str) -> None:
    attachment = upload(ann, "a", image(kind, size))
    answer = ann.client.get(attachment["thumbnail_url"])

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("image/")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    small = open_image(answer.content)
    assert small.width <= size[0]
    assert small.height <= size[1]
    assert max(small.size) <= 1024
    assert len(answer.content) < 200_000


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("key", ["url", "thumbnail_url"])
def test_what_the_camera_knew_is_gone(ann: Person, kind: str, key: str) -> None:
    more: dict[str, Any] = {"comment": b"SECRET-COMMENT"} if kind == "JPEG" else {}
    attachment = upload(ann, "a", image(kind, exif=private_exif(), **more))
    content = ann.client.get(attachment[key]).content

    assert b"SECRET" not in content
    assert dict(open_image(content).getexif()) in ({}, {0x0112: 1})


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_a_picture_stands_upright(ann: Person, kind: str) -> None:
    attachment = upload(ann, "a", image(kind, (64, 32), exif=private_exif(ROTATED_90)))

    assert (attachment["width"], attachment["height"]) == (32, 64)
    for key in ("url", "thumbnail_url"):
        picture = open_image(ann.client.get(attachment[key]).content).convert("RGB")
        assert picture.width < picture.height
        top, bottom = (picture.getpixel((picture.width // 2, y)) for y in (2, picture.height - 3))
        assert is_mostly(top, 0, 2)
        assert is_mostly(bottom, 2, 0)


def is_mostly(pixel: Any, strong: int, weak: int) -> bool:
    return bool(pixel[strong] > 200 and pixel[weak] < 60)


def png(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", body or zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


BAD: dict[str, bytes] = {
    "truncated jpeg": image("JPEG", (400, 400))[:900],
    "truncated png": image("PNG", (400, 400))[:60],
    "pixel flood": png(50_000, 50_000),
    "zero by zero": png(0, 0),
    "a signature alone": b"\x89PNG\r\n\x1a\n",
    "a jpeg of nothing": b"\xff\xd8\xff\xe0" + bytes(100),
    "a gif with a script": b"GIF89a/*" + b"alert(1)" * 20,
    "riff webp of nothing": b"RIFF\x10\x00\x00\x00WEBPVP8 \x00\x00\x00\x00",
    "bad crc": image("PNG").replace(b"IDAT", b"IDAX"),
    "a flood in one line": png(2**31 - 1, 1),
}


@pytest.mark.parametrize("name", BAD)
def test_a_picture_that_cannot_be_decoded_is_bad_image(ann: Person, name: str) -> None:
    problem(post_files(ann, ("a.png", BAD[name], "image/png")), 422, "bad_image")


def test_with_a_bad_picture_no_file_is_kept(ann: Person) -> None:
    problem(post_files(ann, ("a.txt", b"good"), ("a.png", BAD["truncated png"])), 422, "bad_image")


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_keeps_moving(ann: Person, kind: str) -> None:
    from PIL import Image

    more = [Image.new("RGB", (16, 16), color) for color in ("red", "green", "blue")]
    attachment = upload(ann, "a", image(kind, (16, 16), save_all=True, append_images=more, duration=100))
    assert getattr(open_image(ann.client.get(attachment["url"]).content), "n_frames", 1) == 4


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
def test_any_colours_are_a_picture(ann: Person, mode: str) -> None:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new(mode, (20, 10)).save(buffer, "JPEG" if mode == "CMYK" else "PNG")
    attachment = upload(ann, "a", buffer.getvalue())
    assert (attachment["width"], attachment["height"]) == (20, 10)
    assert ann.client.get(attachment["thumbnail_url"]).status_code == 200


def test_a_thumbnail_goes_with_its_message(ann: Person, bob: Person) -> None:
    attachment = upload(ann, "a.png", image("PNG"))
    body: dict[str, Any] = body_to(bob, None, attachment_ids=[attachment["id"]])
    message = ok(ann.client.post("/api/messages", json=body), 201)
    ok(ann.client.delete(f"/api/messages/{message['id']}"), 204)
    for person in (ann, bob):
        problem(person.client.get(attachment["thumbnail_url"]), 404)
