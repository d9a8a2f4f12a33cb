"""What both yardsticks share: who is asking, frames as the product's, and uvicorn with the product's settings."""

import os
from typing import Any

import uvicorn
from fastapi import WebSocket
from starlette.types import ASGIApp

from shared.sockets import SocketProtocol
from shared.tokens import Claims, InvalidToken, KeyRing, Tokens

BEARER = "bearer."


def tokens() -> Tokens:
    """Verifies what the load generator has minted."""
    return Tokens(KeyRing([os.environ["JWT_SECRET"]]))


async def enter(websocket: WebSocket, verifier: Tokens) -> Claims | None:
    """Accept a socket with a good token and say `ready`; refuse any other."""
    offered = websocket.scope["subprotocols"]
    given = next((each.removeprefix(BEARER) for each in offered if each.startswith(BEARER)), "")
    try:
        claims = verifier.verify(given)
    except InvalidToken:
        await websocket.close()
        return None
    await websocket.accept(subprotocol="chat.v1")
    await websocket.send_json({"type": "ready", "head": 0, "user_id": claims.user_id, "heartbeat_seconds": 25})
    return claims


def view(message_id: int, sender_id: int, created_at: str, frame: dict[str, Any]) -> dict[str, Any]:
    """A message as clients see it."""
    return {
        "id": message_id,
        "client_id": frame["client_id"],
        "sender_id": sender_id,
        "receiver_id": frame["to"],
        "text": frame["text"],
        "attachments": [],
        "reply_to_id": None,
        "reactions": [],
        "created_at": created_at,
        "edited_at": None,
        "deleted_at": None,
        "revision": 1,
    }


def serve(app: ASGIApp) -> None:
    """The settings of shared/server.py."""
    uvicorn.run(
        app,
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        ws=SocketProtocol,
        ws_ping_interval=25,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
        access_log=False,
        server_header=False,
        log_level="warning",
    )
