"""Registration, the account's own data, the password, and the end of an account."""

import secrets
from typing import Any

import httpx2
import pytest

from tests.api.calls import TIME, USER_KEYS, bearer, conversation, history, is_over, ok, problem, send, sign_in
from tests.api.conftest import Newcomer
from tests.stack.people import Person


def form(**changes: Any) -> dict[str, Any]:
    name = f"person-{secrets.token_hex(6)}"
    return {"username": name, "email": f"{name}@example.com", "password": secrets.token_urlsafe(12)} | changes


def register(client: httpx2.Client, **changes: Any) -> httpx2.Response:
    return client.post("/api/auth/register", json=form(**changes))


def login(client: httpx2.Client, username: str, password: str) -> httpx2.Response:
    data = {"grant_type": "password", "username": username, "password": password}
    return client.post("/api/auth/token", data=data)


def test_registering_answers_with_the_user_and_nothing_secret(visitor: httpx2.Client) -> None:
    account = form()
    user = ok(visitor.post("/api/auth/register", json=account), 201)

    assert user.keys() == USER_KEYS
    assert type(user["id"]) is int
    assert (user["username"], user["display_name"]) == (account["username"], account["username"])
    assert TIME.fullmatch(user["created_at"])


def test_unknown_keys_are_ignored_and_grant_nothing(visitor: httpx2.Client) -> None:
    user = ok(register(visitor, id=7, is_admin=True, created_at="2001-01-01T00:00:00Z", email_verified=True), 201)

    assert user.keys() == USER_KEYS
    assert not user["created_at"].startswith("2001")


@pytest.mark.parametrize("name", ["їжак", "山田太郎", "Ünï.çødé", "a_b-c.9", "אברהם", "x" * 40])
def test_a_username_has_letters_of_any_script(visitor: httpx2.Client, name: str) -> None:
    name = f"{name}-{secrets.token_hex(4)}"
    assert ok(register(visitor, username=name), 201)["username"] == name


def test_a_username_is_shown_in_nfc(visitor: httpx2.Client) -> None:
    tail = secrets.token_hex(4)
    assert ok(register(visitor, username=f"Zoe\u0308-{tail}"), 201)["username"] == f"Zoë-{tail}"


@pytest.mark.parametrize("length", [3, 50])
def test_a_username_has_3_to_50_characters(visitor: httpx2.Client, length: int) -> None:
    name = "".join(chr(0x4E00 + secrets.randbelow(20_000)) for _ in range(length))
    assert ok(register(visitor, username=name), 201)["username"] == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "ab",
        "x" * 51,
        "a b c",
        "ann@home",
        "ann\u200bx",
        "ann\u202ex",
        "a/b/c",
        "😀😀😀😀",
        "ann\n",
        " ann",
        "ann\x00x",
        "ann<b>",
        "ann'--",
        "a\x07nn",
        "\ud800abc",
    ],
)
def test_another_username_is_422(visitor: httpx2.Client, name: str) -> None:
    assert "errors" in problem(post_raw(visitor, form(username=name)), 422)


def post_raw(client: httpx2.Client, body: Any) -> httpx2.Response:
    """As `json=`, but lone surrogates stay escapes."""
    import json

    headers = {"Content-Type": "application/json"}
    return client.post("/api/auth/register", content=json.dumps(body), headers=headers)


@pytest.mark.parametrize(
    ("first", "second"), [("straße", "STRASSE"), ("ann", "ａｎｎ"), ("ЇЖАК", "їжак"), ("ﬁne", "FINE")]
)
def test_usernames_are_compared_by_nfkc_and_casefold(visitor: httpx2.Client, first: str, second: str) -> None:
    tail = secrets.token_hex(5)
    ok(register(visitor, username=first + tail), 201)
    problem(register(visitor, username=second + tail), 400, "username_taken")


def test_an_email_address_is_taken_whatever_its_case(visitor: httpx2.Client) -> None:
    account = form()
    ok(visitor.post("/api/auth/register", json=account), 201)
    problem(register(visitor, email=account["email"].upper()), 400, "email_taken")


@pytest.mark.parametrize(
    "email", ["", "ann", "ann@", "@example.com", "a b@example.com", "a@b\r\nBcc: c@d.org", "a\x00@b.org"]
)
def test_a_malformed_email_address_is_422(visitor: httpx2.Client, email: str) -> None:
    problem(register(visitor, email=email), 422)


@pytest.mark.parametrize("name", ["A", "Ж" * 80, "𝒜" * 80, "Anna  Kovalenko", "<script>", "O'Brien"])
def test_a_display_name_is_kept_as_typed(visitor: httpx2.Client, name: str) -> None:
    assert ok(register(visitor, display_name=name), 201)["display_name"] == name


@pytest.mark.parametrize("name", ["", "x" * 81, "a\u0007", "a\nb", "a\u202eb", "a\u200bb", "\u2066x", "a\x00"])
def test_a_display_name_has_1_to_80_printable_characters(visitor: httpx2.Client, name: str) -> None:
    problem(register(visitor, display_name=name), 422)


@pytest.mark.parametrize(
    "password", ["x7#Kq9-p", "ї" * 512, "𝒜" * 256, "  spaces around  ", "nul\x00inside-it", "p" * 71 + "éxyz"]
)
def test_a_password_may_be_any_8_characters_to_1024_bytes(visitor: httpx2.Client, password: str) -> None:
    account = form(password=password)
    ok(visitor.post("/api/auth/register", json=account), 201)

    ok(login(visitor, account["username"], password))
    for other in (password[:-1], password + "x", password.swapcase(), password.strip() + " "):
        if other != password:
            problem(login(visitor, account["username"], other), 400, "invalid_grant")


@pytest.mark.parametrize("password", ["", "seven77", "ї" * 7, "x" * 1025, "ї" * 513, "x" * 50_000])
def test_a_shorter_or_longer_password_is_422(visitor: httpx2.Client, password: str) -> None:
    problem(register(visitor, password=password), 422)


@pytest.mark.parametrize("password", ["password", "12345678", "iloveyou", "qwertyuiop", "football", "baseball1"[:8]])
def test_a_common_password_is_422(visitor: httpx2.Client, password: str) -> None:
    assert "errors" in problem(register(visitor, password=password), 422, "weak_password")


@pytest.mark.parametrize("field", ["username", "email", "password"])
@pytest.mark.parametrize("value", [None, 7, True, [], {"$gt": ""}])
def test_a_field_of_another_type_is_422(visitor: httpx2.Client, field: str, value: Any) -> None:
    problem(register(visitor, **{field: value}), 422)


def test_a_name_that_is_raced_for_has_one_winner(visitor: httpx2.Client) -> None:
    from tests.api.calls import in_parallel

    name = f"raced-{secrets.token_hex(6)}"
    answers = in_parallel([lambda: register(visitor, username=name)] * 6)
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]


def test_i_alone_see_my_email(ann: Person, bob: Person) -> None:
    mine = ok(ann.client.get("/api/users/me"))
    theirs = ok(bob.client.get(f"/api/users/{ann.id}"))

    assert mine == theirs | {"email": f"{ann.name}@example.com"}
    assert theirs.keys() == USER_KEYS


def test_my_display_name_changes_and_nothing_else(fresh_ann: Person, bob: Person) -> None:
    before = ok(fresh_ann.client.get("/api/users/me"))
    after = ok(fresh_ann.client.patch("/api/users/me", json={"display_name": "Ганна", "username": "x", "id": 1}))

    assert after == before | {"display_name": "Ганна"}
    assert ok(fresh_ann.client.patch("/api/users/me", json={})) == after
    assert ok(bob.client.get(f"/api/users/{fresh_ann.id}"))["display_name"] == "Ганна"
    problem(fresh_ann.client.patch("/api/users/me", json={"display_name": "x" * 81}), 422)


def test_a_new_password_ends_all_other_sessions(
    fresh_ann: Person, visitor: httpx2.Client, chat_urls: list[str]
) -> None:
    other, new = sign_in(visitor, fresh_ann)["access_token"], secrets.token_urlsafe(12)
    change = {"current_password": fresh_ann.password, "new_password": new}

    ok(fresh_ann.client.post("/api/auth/password", json=change), 204)

    assert is_over(chat_urls, other)
    ok(fresh_ann.client.get("/api/users/me"))
    ok(fresh_ann.client.get("/api/conversations"))
    problem(login(visitor, fresh_ann.name, fresh_ann.password), 400, "invalid_grant")
    ok(login(visitor, fresh_ann.name, new))


def test_a_password_changes_only_for_who_knows_it(ann: Person, visitor: httpx2.Client) -> None:
    wrong = {"current_password": "not the password", "new_password": secrets.token_urlsafe(12)}
    weak = {"current_password": ann.password, "new_password": "12345678"}

    problem(ann.client.post("/api/auth/password", json=wrong), 403, "wrong_password")
    problem(ann.client.post("/api/auth/password", json=weak), 422, "weak_password")
    ok(login(visitor, ann.name, ann.password))


@pytest.fixture
def leaver(newcomer: Newcomer, bob: Person) -> Person:
    """Somebody who wrote with Bob and then deleted the account."""
    person = newcomer()
    send(person, bob, "I will go")
    send(bob, person, "do not")
    problem(person.client.request("DELETE", "/api/users/me", json={"password": "a wrong one"}), 403, "wrong_password")
    ok(person.client.request("DELETE", "/api/users/me", json={"password": person.password}), 204)
    return person


def test_a_deleted_account_is_gone(leaver: Person, bob: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    assert is_over(chat_urls, leaver.token)
    problem(login(visitor, leaver.name, leaver.password), 400, "invalid_grant")
    problem(bob.client.get(f"/api/users/{leaver.id}"), 404)
    problem(bob.client.post("/api/messages", json={**send_body(leaver)}), 404)
    problem(register(visitor, username=leaver.name.upper()), 400, "username_taken")
    assert ok(bob.client.get("/api/users", params={"q": leaver.name}))["items"] == []


def send_body(person: Person) -> dict[str, Any]:
    from tests.api.calls import body_to

    return body_to(person)


def test_others_keep_the_conversation_with_a_deleted_account(leaver: Person, bob: Person) -> None:
    peer = conversation(bob, leaver)["peer"]

    assert (peer["id"], peer["username"], peer["display_name"]) == (leaver.id, None, None)
    assert peer.keys() == USER_KEYS
    assert [message["text"] for message in history(bob, leaver)["items"]] == ["I will go", "do not"]


def test_login_takes_a_name_or_an_address_in_any_case(ann: Person, visitor: httpx2.Client) -> None:
    for name in (ann.name.upper(), f"{ann.name}@example.com", f"{ann.name}@EXAMPLE.com".title()):
        tokens = ok(login(visitor, name, ann.password))
        assert ok(visitor.get("/api/users/me", headers=bearer(tokens["access_token"])))["id"] == ann.id
