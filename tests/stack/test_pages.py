"""The SPA as nginx serves it."""

import re

import httpx2
import pytest


def script_path(visitor: httpx2.Client) -> str:
    """An asset that the page names."""
    found = re.search(r'src="(/assets/[^"]+\.js)"', visitor.get("/").text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/chat/7", "/API/users"])
def test_every_page_is_the_spa_and_is_asked_for_again(visitor: httpx2.Client, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert '<div id="root"' in answer.text


def test_assets_never_change_and_travel_compressed(visitor: httpx2.Client) -> None:
    answer = visitor.get(script_path(visitor), headers={"Accept-Encoding": "gzip"})

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/assets/gone-0123456.js", "/assets/", "/metrics", "/.env", "/.problem"])
def test_what_is_no_page_is_not_the_spa(visitor: httpx2.Client, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_unchanged_page_is_not_sent_again(visitor: httpx2.Client) -> None:
    tag = visitor.get("/").headers["ETag"]

    assert visitor.get("/chat/7", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("path", ["/", "/chat/7", "/assets/gone.js", "script"])
def test_security_headers_are_on_every_answer(visitor: httpx2.Client, path: str) -> None:
    headers = visitor.get(script_path(visitor) if path == "script" else path).headers

    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Server"] == "nginx"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["X-Request-ID"])
