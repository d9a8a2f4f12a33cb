"""What a login costs at least: an ASGI function that reads the hash, verifies it and stores a session, and no more.

It knows no limits, no rotation, no log and no wrong password, and works on the product's own tables.
"""

import asyncio
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import asyncpg
from argon2 import PasswordHasher
from starlette.types import Receive, Scope, Send

from bench.apps.common import serve
from shared.background import give_way

FIND = "SELECT id, password_hash FROM users WHERE username_key = $1"
START = (
    "INSERT INTO sessions (id, user_id, generation, nonce, kid, current_hash, issued_at, created_at, last_used_at,"
    " expires_at, ip, user_agent) VALUES ($1, $2, 0, $3, '', $4, $5, $5, $5, $6, '', '')"
)
threads = ThreadPoolExecutor(1, initializer=give_way)
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
connections: list[asyncpg.Connection] = []
turn = asyncio.Lock()  # of the one connection


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """A token for a name and its password; everything else is 200, for the harness."""
    if scope["type"] != "http":
        return
    answer = b"" if scope["method"] == "GET" else await _sign_in((await receive())["body"])
    length = (b"content-length", str(len(answer)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": answer})


async def _sign_in(body: bytes) -> bytes:
    if not connections:
        settings = {"plan_cache_mode": "force_generic_plan"}
        connections.append(await asyncpg.connect(os.environ["DATABASE_URL"], server_settings=settings))
    form = parse_qs(body.decode())
    async with turn:
        person = await connections[0].fetchrow(FIND, form["username"][0])
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(threads, hasher.verify, person["password_hash"], form["password"][0])
    nonce, token, now = os.urandom(16), os.urandom(32), datetime.now(UTC)
    async with turn:
        await connections[0].execute(START, uuid4(), person["id"], nonce, token, now, now + timedelta(days=30))
    return json.dumps({"access_token": token.hex()}).encode()


if __name__ == "__main__":
    serve(app)
