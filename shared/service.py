"""What both composition roots have in common."""

from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Depends, FastAPI, Request
from starlette.types import ASGIApp


class Part(Protocol):
    """Something that runs for as long as its service does."""

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""


@dataclass(frozen=True)
class Service:
    """An application wrapped in its middleware, and the plain FastAPI app inside it."""

    asgi: ASGIApp
    api: FastAPI


def from_state(name: str) -> Any:  # noqa: ANN401 -- the alias that it stands in says the type
    """A dependency on what the composition root has put into `app.state` under this name."""

    def find(request: Request) -> Any:  # noqa: ANN401
        return getattr(request.app.state, name)

    return Depends(find)
