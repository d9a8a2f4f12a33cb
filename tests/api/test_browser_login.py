"""Signing in from a browser: the refresh token is in a cookie that only this site's own pages can use."""

from http.cookies import Morsel, SimpleCookie
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.api.calls import OWN_PAGE, bearer, body_to, in_parallel, is_over, oauth_problem, ok, problem, refresh
from tests.api.conftest import Server
from tests.stack.people import Person

KEYS = {"access_token", "token_type", "expires_in", "session_expires_at"}
NAME = "refresh_token"


def login(client: httpx2.Client, person: Person) -> httpx2.Response:
    answer = client.post("/api/auth/login", data=person.login)
    ok(answer)
    return answer


def cookie(answer: httpx2.Response) -> Morsel[str]:
    (line,) = [each for each in answer.headers.get_list("Set-Cookie") if each.startswith(f"{NAME}=")]
    return SimpleCookie(line)[NAME]


def is_cleared(answer: httpx2.Response) -> bool:
    morsel = cookie(answer)
    return morsel.value == "" and (morsel["max-age"] == "0" or "1970" in morsel["expires"]) and morsel["path"] == "/"


def test_the_refresh_token_comes_only_as_a_cookie(ann: Person, visitor: httpx2.Client) -> None:
    answer = login(visitor, ann)
    morsel = cookie(answer)

    assert answer.json().keys() == KEYS
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(morsel.value) >= 22
    assert morsel.value not in answer.text
    assert str(answer.headers.get_list("Set-Cookie")).count(morsel.value) == 1
    assert (morsel["httponly"], morsel["samesite"].lower(), morsel["path"]) == (True, "strict", "/")
    assert (morsel["secure"], morsel["domain"]) == ("", "")


def test_a_refresh_turns_the_cookie(ann: Person, visitor: httpx2.Client) -> None:
    first = cookie(login(visitor, ann)).value
    answer = visitor.post("/api/auth/refresh", headers=OWN_PAGE)

    assert ok(answer).keys() == KEYS
    assert answer.headers["Cache-Control"] == "no-store"
    assert cookie(answer).value != first
    assert cookie(answer)["httponly"]
    assert ok(visitor.get("/api/users/me", headers=bearer(answer.json()["access_token"])))["id"] == ann.id
    ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE))


@pytest.mark.parametrize("headers", [{}, {"X-Requested-With": ""}, {"X-Requested-With": "XMLHttpRequest"}])
@pytest.mark.parametrize("path", ["refresh", "logout"])
def test_without_the_header_the_cookie_does_nothing(
    ann: Person, visitor: httpx2.Client, path: str, headers: dict[str, str]
) -> None:
    access = login(visitor, ann).json()["access_token"]

    refused = visitor.post(f"/api/auth/{path}", headers=headers)

    problem(refused, 403)
    assert "Set-Cookie" not in refused.headers
    ok(visitor.get("/api/users/me", headers=bearer(access)))
    ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE))


@pytest.mark.parametrize("path", ["refresh", "logout"])
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        "http://{}.evil.example",
        "http://evil{}",
        "http://x@{}",
        "http://127.0.0.1:1",
        "ftp://{}",
        "{}",
        "http://{} http://evil.example",
        "http://[::1",
        "file://",
    ],
)
def test_a_foreign_origin_is_refused(
    ann: Person, visitor: httpx2.Client, server: Server, path: str, origin: str
) -> None:
    login(visitor, ann)
    foreign = OWN_PAGE | {"Origin": origin.format(urlsplit(server.base_url).netloc)}

    refused = visitor.post(f"/api/auth/{path}", headers=foreign)

    problem(refused, 403)
    assert "Set-Cookie" not in refused.headers
    ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE))


def test_the_own_origin_is_welcome(ann: Person, visitor: httpx2.Client, server: Server) -> None:
    login(visitor, ann)
    ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE | {"Origin": server.base_url}))


def test_without_a_cookie_there_is_nothing_to_refresh(visitor: httpx2.Client) -> None:
    oauth_problem(visitor.post("/api/auth/refresh", headers=OWN_PAGE), 400, "invalid_grant", "invalid_grant")


def test_a_form_is_no_cookie(ann: Person, visitor: httpx2.Client) -> None:
    token = cookie(login(visitor, ann)).value
    visitor.cookies.clear()
    answer = visitor.post("/api/auth/refresh", data={"refresh_token": token}, headers=OWN_PAGE)
    oauth_problem(answer, 400, "invalid_grant", "invalid_grant")


@pytest.mark.parametrize("value", ["x", "a.b.c", "A" * 7_000, '"', "%00", "\xff", "a, b"])
def test_a_made_up_cookie_is_invalid_grant(visitor: httpx2.Client, value: str) -> None:
    headers = [(b"Cookie", f"{NAME}={value}".encode("latin-1")), (b"X-Requested-With", b"fetch")]
    answer = visitor.post("/api/auth/refresh", headers=headers)
    oauth_problem(answer, 400, "invalid_grant", "invalid_grant")


def test_the_cookie_opens_nothing_else(ann: Person, bob: Person, visitor: httpx2.Client) -> None:
    login(visitor, ann)
    for method, path in (("GET", "/api/users/me"), ("GET", "/api/conversations"), ("GET", "/api/auth/sessions")):
        problem(visitor.request(method, path, headers=OWN_PAGE), 401)
    problem(visitor.post("/api/messages", json=body_to(bob), headers=OWN_PAGE), 401)


def test_a_dead_access_token_does_not_stop_a_refresh(ann: Person, visitor: httpx2.Client) -> None:
    login(visitor, ann)
    ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE | bearer("a.dead.token")))


def test_tabs_that_refresh_together_all_stay_signed_in(ann: Person, visitor: httpx2.Client) -> None:
    headers = OWN_PAGE | {"Cookie": f"{NAME}={cookie(login(visitor, ann)).value}"}
    visitor.cookies.clear()

    answers = in_parallel([lambda: visitor.post("/api/auth/refresh", headers=headers)] * 8)

    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({cookie(answer).value for answer in answers}) == 1


def test_logout_by_cookie_ends_the_session_and_clears_it(
    ann: Person, visitor: httpx2.Client, chat_urls: list[str]
) -> None:
    signed_in = login(visitor, ann)
    answer = visitor.post("/api/auth/logout", headers=OWN_PAGE)

    ok(answer, 204)
    assert is_cleared(answer)
    assert is_over(chat_urls, signed_in.json()["access_token"])
    oauth_problem(refresh(visitor, cookie(signed_in).value), 400, "invalid_grant")


def test_the_cookie_of_a_dead_session_is_cleared(ann: Person, visitor: httpx2.Client) -> None:
    signed_in = login(visitor, ann)
    ok(visitor.post("/api/auth/revoke", data={"token": signed_in.json()["access_token"]}))

    refused = visitor.post("/api/auth/refresh", headers=OWN_PAGE)

    oauth_problem(refused, 400, "invalid_grant")
    assert is_cleared(refused)
    assert is_cleared(
        visitor.post("/api/auth/logout", headers=OWN_PAGE | {"Cookie": f"{NAME}={cookie(signed_in).value}"})
    )


def test_a_reused_cookie_ends_the_session_and_is_cleared(
    ann: Person, visitor: httpx2.Client, chat_urls: list[str]
) -> None:
    first = cookie(login(visitor, ann)).value
    for _ in range(2):
        last = ok(visitor.post("/api/auth/refresh", headers=OWN_PAGE))
    visitor.cookies.clear()

    refused = visitor.post("/api/auth/refresh", headers=OWN_PAGE | {"Cookie": f"{NAME}={first}"})

    oauth_problem(refused, 400, "invalid_grant", "token_reuse")
    assert is_cleared(refused)
    assert is_over(chat_urls, last["access_token"])


def test_both_kinds_of_client_turn_the_same_token(ann: Person, visitor: httpx2.Client) -> None:
    first = cookie(login(visitor, ann)).value
    second = cookie(visitor.post("/api/auth/refresh", headers=OWN_PAGE)).value
    assert ok(refresh(visitor, first))["refresh_token"] == second


def test_the_browser_login_takes_no_refresh_token(ann: Person, visitor: httpx2.Client) -> None:
    token = cookie(login(visitor, ann)).value
    answer = visitor.post("/api/auth/login", data={"grant_type": "refresh_token", "refresh_token": token})
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
