"""How every service declares its routes."""

import json
from collections.abc import Awaitable, Callable, Coroutine
from enum import Enum
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.params import File, Form
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from shared.errors import UnsupportedMediaType

MULTIPART = "multipart/form-data"
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class StrictRequest(Request):
    """A request whose JSON is UTF-8 and nothing else; the standard parser would guess UTF-16 and let surrogates in."""

    async def json(self) -> Any:  # noqa: ANN401 -- as in the class above it
        return json.loads((await self.body()).decode())


class ContractRoute(APIRoute):
    """A route that answers a body of the wrong type with 415, and an unreadable one with 422."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        is_accepted = self._accepted_type()

        async def checked(request: Request) -> Response:
            if not is_accepted(request):
                raise UnsupportedMediaType
            return await handle(StrictRequest(request.scope, request.receive))

        return checked

    def _accepted_type(self) -> Callable[[Request], bool]:
        if self.body_field is None or (
            isinstance(self.body_field.field_info, Form) and not isinstance(self.body_field.field_info, File)
        ):
            return lambda _: True  # nothing to read, or a form, which says itself what it needs
        if isinstance(self.body_field.field_info, File):
            return lambda request: not has_body(request) or media_type(request) == MULTIPART
        return lambda request: not has_body(request) or _is_json(media_type(request))


def media_type(request: Request) -> str:
    """The type of the body, in lower case and without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def has_body(request: Request) -> bool:
    """Whether anything comes with the request at all."""
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _is_json(kind: str) -> bool:
    return kind == "application/json" or kind.endswith("+json")


def operation_id(route: APIRoute) -> str:
    """The function's name: generated clients read `sendMessage`, not `send_message_api_messages_post`."""
    return route.name


class Router(APIRouter):
    """Routes of one feature, which the service takes as its own (`shared.service`).

    Routers that are included stay routers, and FastAPI asks one after the other for every request, the right one twice.
    """

    def __init__(
        self, prefix: str = "", *, tags: list[str | Enum], route_class: type[APIRoute] = ContractRoute
    ) -> None:
        super().__init__(prefix=prefix, tags=tags, route_class=route_class, generate_unique_id_function=operation_id)


class PlainRoute(APIRoute):
    """A route whose function takes the request and gives the answer: FastAPI has nothing to solve for it.

    It is documented like any other, and asked before FastAPI's own layers (`PlainRoutes`).
    """

    def __init__(self, path: str, endpoint: Handler, **options: Any) -> None:  # noqa: ANN401 -- all of FastAPI's
        super().__init__(path, endpoint, **options)
        self.answer = self.handler(endpoint)

    def handler(self, endpoint: Handler) -> Handler:
        """What is called in the function's place."""
        return endpoint


class PlainRoutes:
    """Requests for plain routes go straight there, all others through FastAPI's eight layers (docs/adr/0022)."""

    def __init__(self, app: FastAPI, answer_error: Callable[[Request, Exception], Awaitable[Response]]) -> None:
        self._app = app
        self._answer_error = answer_error
        plain = [route for route in app.router.routes if isinstance(route, PlainRoute)]
        self._routes = {(method, route.path): route for route in plain for method in route.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope.get("method", ""), scope.get("path", "")))
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["app"], scope["route"] = self._app, route
        request = Request(scope, receive, send)
        try:
            response = await route.answer(request)
        except Exception as error:
            response = await self._answer_error(request, error)
        await response(scope, receive, send)
