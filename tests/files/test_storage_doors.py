"""Nobody comes to the bytes past chat_service: not by nginx's internal places, not by keys, not at the store itself."""

import socket
import urllib.error
import urllib.request
from urllib.parse import urlsplit

import pytest

from tests.api.calls import Json, send
from tests.api.uploads import upload
from tests.files.site import Site
from tests.stack.people import Person

SECRET = b"nobody comes to these bytes by a key"


@pytest.fixture(scope="package")
def file(site: Site, ann: Person, bob: Person) -> Json:
    found = upload(ann, "a.bin", SECRET)
    send(ann, bob, None, attachment_ids=[found["id"]])
    assert ann.client.get(found["url"]).content == SECRET
    return found


def key_of(file: Json) -> str:
    plain = file["id"].replace("-", "")
    return f"{plain[:2]}/{plain}"


def raw(site: Site, target: str, headers: str) -> bytes:
    """The whole answer to a request whose target no client library has tidied up."""
    address = urlsplit(site.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n{headers}\r\n"
        connection.sendall(request.encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


PATHS = [
    "/.files/{key}",
    "/%2efiles/{key}",
    "//.files/{key}",
    "/./.files/{key}",
    "/assets/../.files/{key}",
    "/assets/%2e%2e/.files/{key}",
    "/.files/../.files/{key}",
    "/.files",
    "/.files/",
    "/.s3",
    "/%2es3",
    "/api/files/{key}",
    "/api/files/../../.files/{key}",
    "/api/files/%2e%2e/%2e%2e/.files/{key}",
    "/files/{key}",
    "/data/files/{key}",
    "/.problem",
]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_to_the_bytes(site: Site, ann: Person, file: Json, path: str) -> None:
    headers = f"Authorization: Bearer {ann.token}\r\nX-Accel-Redirect: /.files/{key_of(file)}\r\n"
    if site.weed is not None:
        headers += f"X-S3-URL: {site.weed.url}/media/files/{key_of(file)}\r\n"
    answer = raw(site, path.format(key=key_of(file)), headers)
    status = int(answer.split()[1])
    assert SECRET not in answer
    assert status < 500
    if site.shape.startswith("stack") and "." in path:
        assert status in (400, 404)


def test_a_header_that_asks_for_another_file_is_not_passed_on(site: Site, eve: Person, file: Json) -> None:
    """What only chat_service may say is no word in a client's mouth."""
    own = upload(eve, "b.bin", b"mine")
    headers = f"Authorization: Bearer {eve.token}\r\nX-Accel-Redirect: /.files/{key_of(file)}\r\n"
    answer = raw(site, own["url"], headers)
    assert answer.endswith(b"mine")


@pytest.mark.shapes("embedded-s3", "stack-s3")
def test_the_store_itself_gives_nothing_without_a_signature(site: Site, file: Json) -> None:
    assert site.weed is not None
    for path in (f"/media/files/{key_of(file)}", "/media", "/media/?list-type=2", "/"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(site.weed.url + path, timeout=10)
        assert refused.value.code in (401, 403)
        refused.value.close()
