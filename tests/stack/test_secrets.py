"""The secret that both services share: strong, kept, and rolled without signing anybody out."""

import json
import secrets
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from tests.harness.servers import CHECKOUT, Embedded
from tests.stack.people import Person, message_to, new_person, receive

OFF = {"RATE_LIMITS": "off"}


@pytest.mark.parametrize("secret", ["short", "x" * 64, "changeme" * 8, "12345678" * 8])
@pytest.mark.parametrize("module", ["auth_service", "chat_service", "gateway.local"])
def test_a_weak_secret_refuses_to_start(tmp_path: Path, module: str, secret: str) -> None:
    environment = {
        "PYTHONPATH": str(CHECKOUT),
        "DATA_DIR": str(tmp_path),
        "JWT_SECRET": secret,
        "PORT": "0",
    }
    command = [sys.executable, "-m", module]
    ended = subprocess.run(  # noqa: PLW1510 -- that it fails is what is tested
        command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=30
    )
    assert ended.returncode not in (0, None)
    last_line = ended.stderr.strip().splitlines()[-1]
    assert last_line.startswith("refusing to start: JWT_SECRET")
    assert "Traceback" not in ended.stderr
    assert secret not in ended.stderr


def refresh(client: httpx2.Client, token: str) -> httpx2.Response:
    return client.post("/api/auth/token", data={"grant_type": "refresh_token", "refresh_token": token})


def sign_in(person: Person) -> dict[str, str]:
    tokens: dict[str, str] = person.client.post("/api/auth/token", data=person.login).raise_for_status().json()
    return tokens


def test_a_rolled_secret_signs_nobody_out(tmp_path: Path) -> None:
    old, new = secrets.token_urlsafe(32), secrets.token_urlsafe(32)

    def serve(ring: str) -> Embedded:
        return Embedded(env={**OFF, "JWT_SECRET": ring}, data_dir=tmp_path)

    with serve(old) as server, httpx2.Client(base_url=server.base_url) as client:
        person = new_person(client)
        before = sign_in(person)
    with serve(f"{new},{old}") as server, httpx2.Client(base_url=server.base_url, headers=person.headers) as client:
        assert client.get("/api/users/me").status_code == 200
        with replace(person, token=before["access_token"]).socket(server.ws_url) as socket:
            after = refresh(client, before["refresh_token"]).raise_for_status().json()
            socket.send(json.dumps({"type": "auth", "id": "1", "token": after["access_token"]}))
            assert receive(socket, "ok")["id"] == "1"
    with serve(new) as server, httpx2.Client(base_url=server.base_url, headers=person.headers) as client:
        assert client.get("/api/users/me").status_code == 401
        bearer = {"Authorization": f"Bearer {after['access_token']}"}
        assert client.get("/api/users/me", headers=bearer).status_code == 200
        refresh(client, after["refresh_token"]).raise_for_status()


def test_an_ended_session_stays_dead_over_a_restart() -> None:
    with Embedded(env=OFF) as server, httpx2.Client(base_url=server.base_url) as client:
        person = new_person(client)
        client.post("/api/auth/logout").raise_for_status()
        server.restart()
        for path in ("/api/users/me", "/api/conversations"):
            assert client.get(path).status_code == 401
        other = sign_in(person)["access_token"]
        client.headers["Authorization"] = f"Bearer {other}"
        assert client.post("/api/messages", json=message_to(person, "still here")).status_code == 201
