"""How every service declares its routes."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute

from shared.errors import UnsupportedMediaType


class ContractRoute(APIRoute):
    """A route that answers a body of the wrong type with 415, and an unreadable one with 422."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def checked(request: Request) -> Response:
            if takes_json and not _is_json(request):
                raise UnsupportedMediaType("This place reads application/json.")
            return await handle(request)

        return checked


def _is_json(request: Request) -> bool:
    has_body = request.headers.get("content-length", "") != "0" and (
        "content-length" in request.headers or "transfer-encoding" in request.headers
    )
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return not has_body or media_type == "application/json" or media_type.endswith("+json")


def operation_id(route: APIRoute) -> str:
    """The function's name: generated clients read `sendMessage`, not `send_message_api_messages_post`."""
    return route.name
