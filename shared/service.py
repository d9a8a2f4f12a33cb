"""What both composition roots hand back."""

from dataclasses import dataclass
from typing import Protocol

from fastapi import FastAPI
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
