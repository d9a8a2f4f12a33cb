"""My data, to take along."""

import io
import json
import zipfile

from tests.api.calls import ok, send
from tests.api.uploads import image, upload
from tests.stack.people import Person


def lines(archive: zipfile.ZipFile, name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in archive.read(name).decode().splitlines()]


def test_an_export_holds_my_conversations_and_files_and_nobody_elses(
    fresh_ann: Person, fresh_bob: Person, eve: Person
) -> None:
    ann, bob = fresh_ann, fresh_bob
    picture = upload(ann, "їжак.png", image("PNG"))
    first = send(ann, bob, "привіт", attachment_ids=[picture["id"]])
    deleted = send(bob, ann, "secret of the past")
    ok(bob.client.delete(f"/api/messages/{deleted['id']}"), 204)
    foreign = send(bob, eve, "not for Ann", attachment_ids=[upload(bob, "foreign.txt", b"foreign")["id"]])

    answer = ann.client.get("/api/export")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="communication-export.zip"'
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    file_name = f"files/{picture['id']}/їжак.png"
    assert set(archive.namelist()) == {"profile.json", "people.jsonl", f"conversations/{bob.id}.jsonl", file_name}
    me = ok(ann.client.get("/api/users/me"))
    (profile,) = lines(archive, "profile.json")
    assert profile == me
    messages = lines(archive, f"conversations/{bob.id}.jsonl")
    assert messages[0] == first
    assert (messages[1]["id"], messages[1]["text"]) == (deleted["id"], None)
    assert archive.read(file_name) == ann.client.get(picture["url"]).content
    assert str(foreign["text"]).encode() not in b"".join(map(archive.read, archive.namelist()))


def test_somebody_new_gets_an_archive_too(fresh_ann: Person) -> None:
    archive = zipfile.ZipFile(io.BytesIO(fresh_ann.client.get("/api/export").content))
    assert sorted(archive.namelist()) == ["people.jsonl", "profile.json"]
