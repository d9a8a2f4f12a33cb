"""Who gets a file's bytes: the same answer for every person, credential, method and shape of the product."""

import hashlib
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from tests.api.calls import Json, bearer, body_to, ok, send, sign_in, until
from tests.api.uploads import image, upload
from tests.files.conftest import Newcomer
from tests.files.site import Site
from tests.stack.people import Person

PICTURE = image("PNG")
GONE_WITHIN = 1.0
KEYS = ("url", "thumbnail_url")
GARBAGE = "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"
PART = {"Range": "bytes=1-4"}
ASKED: dict[str, tuple[str, dict[str, str], int]] = {
    "GET": ("GET", {}, 200),
    "HEAD": ("HEAD", {}, 200),
    "a part": ("GET", PART, 206),
    "HEAD of a part": ("HEAD", PART, 206),
    "outside": ("GET", {"Range": "bytes=999999999-"}, 416),
    "what I have": ("GET", {"If-None-Match": "*"}, 304),
}


@dataclass(frozen=True)
class Scene:
    """Who asks for which file, by which token, and what the answer is to everything."""

    file: Json
    token: str | None
    cookie: str | None
    refusal: int | None = None


def file_cookie(client: httpx2.Client, token: str) -> str:
    answer = client.post("/api/files/access", headers=bearer(token))
    ok(answer, 204)
    client.cookies.clear()  # each request says itself which one it brings
    return answer.headers["Set-Cookie"].partition(";")[0]


def scene(person: Person, file: Json, refusal: int | None = None) -> Scene:
    return Scene(file, person.token, file_cookie(person.client, person.token), refusal)


def ended(person: Person, file: Json) -> Scene:
    """A session that is over, with what it left: its token and its cookie."""
    token = sign_in(person.client, person)["access_token"]
    found = Scene(file, token, file_cookie(person.client, token), 401)
    ok(person.client.post("/api/auth/logout", headers=bearer(token)), 204)
    assert until(lambda: person.client.get("/api/conversations", headers=bearer(token)).status_code == 401)
    return found


def deleted(sender: Person, receiver: Person) -> Json:
    """A file whose message was deleted, as soon as it is gone."""
    file = upload(sender, "a.png", PICTURE)
    message = send(sender, receiver, None, attachment_ids=[file["id"]])
    ok(sender.client.delete(f"/api/messages/{message['id']}"), 204)
    for person in (sender, receiver):
        for key in KEYS:
            assert until(lambda who=person, url=file[key]: who.client.get(url).status_code == 404, GONE_WITHIN)  # type: ignore[misc]
    return file


@pytest.fixture(scope="package")
def scenes(site: Site, newcomer: Newcomer, ann: Person, bob: Person, eve: Person) -> dict[str, Scene]:
    sent, unsent = upload(ann, "a.png", PICTURE), upload(ann, "a.png", PICTURE)
    send(ann, bob, None, attachment_ids=[sent["id"]])
    gone = deleted(ann, bob)
    blocker, blocked = newcomer(), newcomer()
    past = upload(blocked, "a.png", PICTURE)
    send(blocked, blocker, None, attachment_ids=[past["id"]])
    ok(blocker.client.put(f"/api/blocks/{blocked.id}"), 204)
    return {
        "nobody": Scene(sent, None, None, 401),
        "garbage": Scene(sent, GARBAGE, f"file_access={GARBAGE}", 401),
        "a session that ended": ended(bob, sent),
        "a stranger": scene(eve, sent, 404),
        "the sender": scene(ann, sent),
        "the receiver": scene(bob, sent),
        "somebody blocked": scene(blocked, past),
        "somebody who blocks": scene(blocker, past),
        "the uploader before sending": scene(ann, unsent),
        "another one before sending": scene(bob, unsent, 404),
        "the sender of what was deleted": scene(ann, gone, 404),
        "the receiver of what was deleted": scene(bob, gone, 404),
    }


WHO = (
    "nobody",
    "garbage",
    "a session that ended",
    "a stranger",
    "the sender",
    "the receiver",
    "somebody blocked",
    "somebody who blocks",
    "the uploader before sending",
    "another one before sending",
    "the sender of what was deleted",
    "the receiver of what was deleted",
)


@pytest.mark.parametrize("credential", ["token", "cookie"])
@pytest.mark.parametrize("who", WHO)
def test_every_way_to_a_file_gives_the_same_answer(
    site: Site, visitor: httpx2.Client, scenes: dict[str, Scene], who: str, credential: str
) -> None:
    here = scenes[who]
    headers = bearer(here.token) if credential == "token" and here.token else {}
    if credential == "cookie" and here.cookie:
        headers = {"Cookie": here.cookie}
    wrong = {}
    for key in KEYS:
        for name, (method, more, status) in ASKED.items():
            # What is refused is refused by each process; a part of what is not, nginx cuts out.
            for base_url in {site.base_url, *(site.chat_urls if here.refusal else ())}:
                answer = visitor.request(method, base_url + here.file[key], headers=headers | more)
                if answer.status_code != (here.refusal or status):
                    wrong[f"{name} {key} {base_url}"] = answer.status_code
    assert wrong == {}


def test_the_bytes_are_the_same_by_every_way(site: Site, visitor: httpx2.Client, scenes: dict[str, Scene]) -> None:
    here = scenes["the receiver"]
    assert here.token
    assert here.cookie
    whole = {key: visitor.get(here.file[key], headers=bearer(here.token)).content for key in KEYS}
    assert whole["url"][:8] == PICTURE[:8]
    assert len(whole["url"]) == here.file["size"]
    for key, content in whole.items():
        assert visitor.get(here.file[key], headers={"Cookie": here.cookie}).content == content
        assert visitor.get(here.file[key], headers={"Cookie": here.cookie} | PART).content == content[1:5]


NAME = "їжак; x.png"
POLICY = {
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
OTHERS = {"date", "server", "connection", "keep-alive", "x-request-id", "transfer-encoding"}
"""What may come besides what is promised; whatever is not here is a leak."""
NO_RANGES = ("accept-ranges",)  # nginx does not repeat in a part that there are parts
NO_LENGTH = ("content-length",)
UNSAID = {"a part": NO_RANGES, "HEAD of a part": NO_RANGES, "outside": NO_LENGTH, "what I have": NO_LENGTH}
"""Where the shapes may differ, since it tells a client nothing."""


def promised(kind: str, etag: str, name: str, size: int) -> dict[str, dict[str, str]]:
    """For each way to ask: the headers of the answer, all of them."""
    same = POLICY | {"ETag": etag}
    told = {"Content-Disposition": f"inline; filename=\"_____ x.{name}\"; filename*=UTF-8''%D1%97%D0%B6%D0%B0%D0%BA"}
    told["Content-Disposition"] += f"%3B%20x.{name}"
    whole = same | told | {"Content-Type": kind, "Accept-Ranges": "bytes", "Content-Length": str(size)}
    part = same | told | {"Content-Type": kind, "Content-Length": "4", "Content-Range": f"bytes 1-4/{size}"}
    return {
        "GET": whole,
        "HEAD": whole,
        "a part": part,
        "HEAD of a part": part,
        "outside": same | told | {"Accept-Ranges": "bytes", "Content-Range": f"bytes */{size}"},
        "what I have": same | told | {"Accept-Ranges": "bytes"},
    }


def test_the_headers_are_the_promised_ones_and_no_other(site: Site, ann: Person) -> None:
    file = upload(ann, NAME, PICTURE)
    etag = hashlib.sha256(ann.client.get(file["url"]).content).hexdigest()[:32]
    small = len(ann.client.get(file["thumbnail_url"]).content)
    expected = {
        "url": promised("image/png", f'"{etag}"', "png", file["size"]),
        "thumbnail_url": promised("image/webp", f'"{etag}-t"', "png.webp", small),
    }
    wrong: dict[str, Any] = {}
    for key in KEYS:
        for name, (method, more, _) in ASKED.items():
            found = {
                field.lower(): value
                for field, value in ann.client.request(method, file[key], headers=more).headers.items()
                if field.lower() not in OTHERS
            }
            for silent in UNSAID.get(name, ()):
                found.pop(silent, None)
            wanted = {field.lower(): value for field, value in expected[key][name].items()}
            if found != wanted:
                wrong[f"{name} {key}"] = dict(found.items() ^ wanted.items())
    assert wrong == {}


def test_a_refusal_says_nothing_of_the_file(site: Site, visitor: httpx2.Client, scenes: dict[str, Scene]) -> None:
    here = scenes["a stranger"]
    assert here.token
    for key in KEYS:
        answer = visitor.get(here.file[key], headers=bearer(here.token) | {"If-None-Match": "*"} | PART)
        assert answer.json()["code"] == "not_found"
        assert not {"etag", "content-disposition", "content-range", "accept-ranges"} & set(answer.headers.keys())


def test_a_stranger_cannot_send_a_file_on(scenes: dict[str, Scene], ann: Person, bob: Person, eve: Person) -> None:
    for who in ("the receiver", "the uploader before sending", "the receiver of what was deleted"):
        body = body_to(bob, attachment_ids=[scenes[who].file["id"]])
        assert eve.client.post("/api/messages", json=body).status_code == 404
