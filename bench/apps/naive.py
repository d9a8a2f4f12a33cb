"""The naive app: what anybody writes first. FastAPI, an ORM session and a commit for each message, sockets in a dict.

Correct and durable for one process. It has no journal, no resume, no idempotency, no limits, and sends no own events.
"""

import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID

from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import BaseModel
from sqlalchemy import BigInteger, DateTime, Index, Text, UniqueConstraint, Uuid
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.apps.common import enter, serve, tokens, view

engine = create_async_engine(os.environ["DATABASE_URL"])
new_session = async_sessionmaker(engine, expire_on_commit=False)
sockets: dict[int, list[WebSocket]] = defaultdict(list)
verifier = tokens()


class Base(DeclarativeBase):
    """The tables."""


class Message(Base):
    """A message."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("sender_id", "client_id"),
        Index("ix_conversation", "sender_id", "receiver_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(Uuid)
    sender_id: Mapped[int] = mapped_column(BigInteger)
    receiver_id: Mapped[int] = mapped_column(BigInteger)
    text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class NewMessage(BaseModel):
    """A message to store."""

    sender_id: int
    receiver_id: int
    client_id: UUID
    text: str


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Around everything: the tables, and the pool's end."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def store(new: NewMessage) -> Message:
    """One session, one INSERT, one commit."""
    message = Message(**new.model_dump(), created_at=datetime.now(UTC))
    async with new_session() as session:
        session.add(message)
        await session.commit()
    return message


@app.get("/health")
async def health() -> dict[str, str]:
    """Ready."""
    return {"status": "ok"}


@app.post("/api/messages", status_code=201)
async def create(new: NewMessage) -> dict[str, int]:
    """One INSERT, and nobody asks who you are."""
    return {"id": (await store(new)).id}


@app.websocket("/api/ws")
async def socket(websocket: WebSocket) -> None:
    """Store, answer, deliver; one message after the other."""
    claims = await enter(websocket, verifier)
    if claims is None:
        return
    me = claims.user_id
    sockets[me].append(websocket)
    with suppress(WebSocketDisconnect):
        while True:
            frame = await websocket.receive_json()
            new = NewMessage(sender_id=me, receiver_id=frame["to"], client_id=frame["client_id"], text=frame["text"])
            stored = await store(new)
            message = view(stored.id, me, stored.created_at.isoformat(), frame)
            await websocket.send_json({"type": "ok", "id": frame["id"], "result": message})
            event = {"type": "event", "seq": stored.id, "event": "message.created", "data": message}
            for peer in sockets[frame["to"]]:
                await peer.send_json(event)
    sockets[me].remove(websocket)


if __name__ == "__main__":
    serve(app)
