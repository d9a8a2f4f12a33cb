"""An ASGI function on bare uvicorn, with the product's settings: what an idle socket costs at least. It asks nobody."""

from starlette.types import Receive, Scope, Send

from bench.apps.common import serve


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Accept and listen; everything over HTTP is 200, for the harness."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "chat.v1"})
        while (await receive())["type"] != "websocket.disconnect":
            pass


if __name__ == "__main__":
    serve(app)
