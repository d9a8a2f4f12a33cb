"""A deleted message takes its bytes along: out of the store, out of the quota, thumbnails too."""

import pytest

from tests.api.calls import Json, ok, problem, send, until
from tests.api.uploads import image, post_files, upload
from tests.files.conftest import Newcomer
from tests.files.site import MAX_UPLOAD_BYTES, QUOTA_BYTES, Site
from tests.files.tus import VERSION, create, creation, patch, upload_in_parts
from tests.stack.people import Person

GONE_WITHIN = 1.0


def used(person: Person) -> int:
    return int(ok(person.client.get("/api/files/limits"))["used_bytes"])


def keys_of(file: Json) -> set[str]:
    plain = file["id"].replace("-", "")
    key = f"{plain[:2]}/{plain}"
    return {key, f"{key}.thumbnail"} if file["thumbnail_url"] else {key}


def test_with_a_message_its_bytes_go(site: Site, newcomer: Newcomer, bob: Person) -> None:
    person = newcomer()
    kept = upload(person, "kept.png", image("PNG"))
    files = [
        upload(person, "a.png", image("PNG", (300, 200))),
        upload(person, "a.txt", b"text"),
        upload_in_parts(person, image("JPEG", (300, 200)), "b.jpg"),
        upload(person, "nothing", b""),
    ]
    message = send(person, bob, "four files", attachment_ids=[file["id"] for file in files])
    keys = set().union(*map(keys_of, files))
    assert len(keys) == 6
    assert keys | keys_of(kept) <= set(site.objects())
    assert used(person) == sum(file["size"] for file in [*files, kept])

    ok(person.client.delete(f"/api/messages/{message['id']}"), 204)

    assert until(lambda: not keys & set(site.objects()), GONE_WITHIN)
    assert used(person) == kept["size"]
    assert keys_of(kept) <= set(site.objects())
    assert person.client.get(kept["url"]).status_code == 200


def test_whoever_deletes_may_upload_again(newcomer: Newcomer, bob: Person) -> None:
    person = newcomer()
    for _ in range(QUOTA_BYTES // MAX_UPLOAD_BYTES - 1):
        create(person.client, MAX_UPLOAD_BYTES)
    file = upload(person, "a.bin", bytes(1000))
    problem(creation(person.client, MAX_UPLOAD_BYTES), 413, "quota_exceeded")
    message = send(person, bob, None, attachment_ids=[file["id"]])
    problem(creation(person.client, MAX_UPLOAD_BYTES), 413, "quota_exceeded")

    ok(person.client.delete(f"/api/messages/{message['id']}"), 204)

    ok(creation(person.client, MAX_UPLOAD_BYTES), 201)
    problem(post_files(person, ("a", b"x")), 413, "quota_exceeded")


def test_of_an_upload_given_up_nothing_stays(site: Site, ann: Person) -> None:
    before = set(site.objects())
    location = create(ann.client, 3_000_000)
    ok(patch(ann.client, location, 0, bytes(2_500_000)), 204)
    parts = set(site.objects()) - before
    assert len(parts) > 1
    ok(ann.client.delete(location, headers=VERSION), 204)
    assert until(lambda: not parts & set(site.objects()))


@pytest.mark.parametrize("ending", [b"", b"truncated"])
def test_of_a_refused_upload_nothing_stays(site: Site, newcomer: Newcomer, ending: bytes) -> None:
    """A good file and a bad picture in one request: neither is kept."""
    person = newcomer()
    before = set(site.objects())
    bad = image("PNG")[:60] + ending
    problem(post_files(person, ("a.txt", b"good"), ("a.png", image("PNG")), ("b.png", bad)), 422, "bad_image")
    assert used(person) == 0
    assert set(site.objects()) <= before
