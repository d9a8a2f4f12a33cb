"""The ceiling: the same framework, server, settings and frames, and no database. What a socket and JSON cost at least.

`OWN_EVENTS=on` also sends the sender its own event, as the contract asks of the product: three frames a message.
`FAULT=lose` or `FAULT=double` does so with every fiftieth delivery: a control, which the load generator must notice.
"""

import json
import os
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count

from fastapi import FastAPI, WebSocket, WebSocketDisconnect

from bench.apps.common import enter, serve, tokens, view

own_events = os.environ.get("OWN_EVENTS") == "on"
fault = os.environ.get("FAULT", "")
sockets: dict[int, list[WebSocket]] = defaultdict(list)
numbers = count(1)
verifier = tokens()
app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    """Ready."""
    return {"status": "ok"}


@app.websocket("/api/ws")
async def socket(websocket: WebSocket) -> None:
    """Answer, deliver, forget."""
    claims = await enter(websocket, verifier)
    if claims is None:
        return
    me = claims.user_id
    sockets[me].append(websocket)
    with suppress(WebSocketDisconnect):
        while True:
            frame = json.loads(await websocket.receive_text())
            number = next(numbers)
            message = view(number, me, datetime.now(UTC).isoformat(), frame)
            await websocket.send_text(_encode({"type": "ok", "id": frame["id"], "result": message}))
            event = _encode({"type": "event", "seq": number, "event": "message.created", "data": message})
            for peer in _receivers(me, frame["to"], number):
                await peer.send_text(event)
    sockets[me].remove(websocket)


def _receivers(sender_id: int, receiver_id: int, number: int) -> list[WebSocket]:
    peers = sockets[receiver_id]
    if own_events:
        peers = [*sockets[sender_id], *peers]
    if fault and number % 50 == 0:
        return [] if fault == "lose" else [*peers, *peers]
    return peers


def _encode(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    serve(app)
