"""Several chat processes are one chat."""

from urllib.parse import urlsplit

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.harness.processes import wait_until
from tests.harness.servers import Stack
from tests.stack.people import Person, message_to, receive


def test_a_socket_opens_through_nginx_with_the_chosen_protocol(stack: Stack, ann: Person) -> None:
    with ann.socket(stack.ws_url) as socket:
        assert socket.subprotocol == "chat.v1"
        socket.send('{"type": "ping", "id": "1"}')
        assert receive(socket, "pong")["id"] == "1"


def test_a_socket_without_a_token_is_refused_as_by_the_service(stack: Stack) -> None:
    host = urlsplit(stack.base_url).netloc
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Host": host}

    answer = httpx2.get(f"{stack.base_url}/api/ws", headers=upgrade | key)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_foreign_page_cannot_open_a_socket(stack: Stack, ann: Person) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(stack.ws_url, origin=Origin("https://evil.example"), subprotocols=ann.subprotocols)

    assert refused.value.response.status_code == 403


def test_a_message_crosses_processes_both_ways(stack: Stack, ann: Person, bob: Person) -> None:
    first, second = stack.chat_urls[:2]
    first_ws, second_ws = stack.chat_ws_urls[:2]
    with ann.socket(first_ws) as ann_socket, bob.socket(second_ws) as bob_socket:
        httpx2.post(f"{first}/api/messages", headers=ann.headers, json=message_to(bob, "there")).raise_for_status()
        assert receive(bob_socket, "event")["data"]["text"] == "there"
        assert receive(ann_socket, "event")["data"]["text"] == "there"

        httpx2.post(f"{second}/api/messages", headers=bob.headers, json=message_to(ann, "and back")).raise_for_status()
        assert receive(ann_socket, "event")["data"]["text"] == "and back"


def test_the_same_client_id_at_another_process_is_the_same_message(stack: Stack, ann: Person, bob: Person) -> None:
    body = message_to(bob, "once")

    answers = [httpx2.post(f"{url}/api/messages", headers=ann.headers, json=body) for url in stack.chat_urls]

    assert [answer.status_code for answer in answers] == [201] + [200] * (len(answers) - 1)
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_a_session_that_ends_is_over_in_every_process(stack: Stack, ann: Person) -> None:
    with ann.socket(stack.chat_ws_urls[0]) as one, ann.socket(stack.chat_ws_urls[1]) as other:
        ann.client.post("/api/auth/logout").raise_for_status()
        for socket in (one, other):
            with pytest.raises(ConnectionClosed) as closed:
                receive(socket, "nothing more")
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4403

    for url in stack.chat_urls:
        assert httpx2.get(f"{url}/api/conversations", headers=ann.headers).status_code == 401


def test_one_process_may_crash(stack: Stack, ann: Person, bob: Person) -> None:
    stack.kill("chat_service", 0)
    try:
        for number in range(8):
            answer = ann.client.post("/api/messages", json=message_to(bob, f"message {number}"))
            assert answer.status_code == 201
    finally:
        stack.start_server("chat_service", 0)

    with bob.socket(stack.chat_ws_urls[0]):
        history = bob.client.get(f"/api/messages/{ann.id}").json()["items"]
    assert [message["text"] for message in history] == [f"message {number}" for number in range(8)]


def test_a_restarted_process_is_used_again(stack: Stack, ann: Person) -> None:
    stack.restart("chat_service", 0)
    before = stack.logs("chat_service", 0).count("/api/conversations")

    def is_used() -> bool:
        ann.client.get("/api/conversations").raise_for_status()
        return stack.logs("chat_service", 0).count("/api/conversations") > before

    wait_until(is_used, "a request at the restarted process", seconds=10)


def test_valkey_may_crash_and_nothing_is_lost(stack: Stack, ann: Person, bob: Person) -> None:
    with bob.socket(stack.chat_ws_urls[1]) as socket:
        stack.kill("valkey")
        try:
            sent = httpx2.post(
                f"{stack.chat_urls[0]}/api/messages", headers=ann.headers, json=message_to(bob, "meanwhile")
            )
        finally:
            stack.start_server("valkey")
        assert sent.status_code == 201
        # The wake-up was lost with Valkey; the history is not, and the next one works again.
        assert receive(socket, "event")["data"]["text"] == "meanwhile"
