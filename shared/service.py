"""What both composition roots hand back."""

from dataclasses import dataclass

from fastapi import FastAPI
from starlette.types import ASGIApp


@dataclass(frozen=True)
class Service:
    """An application wrapped in its middleware, and the plain FastAPI app inside it."""

    asgi: ASGIApp
    api: FastAPI
