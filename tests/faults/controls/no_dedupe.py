"""Takes every attempt for a new message: nobody looks for the `client_id`, and the unique index is dropped."""

import asyncio
import os
from unittest.mock import patch

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chat_service.journal.state import State
from chat_service.messages.commands import Send, Sent
from tests.faults.controls import broken

DROP = "ALTER TABLE messages DROP CONSTRAINT IF EXISTS uq_messages_sender_id_client_id"

apply = Send.apply


def _forgetful_apply(self: Send, state: State) -> Sent:
    known = state.sent.get((self.sender_id, self.client_id))
    if known is not None and known.id:  # one of the same transaction has no id yet, and would get none
        del state.sent[self.sender_id, self.client_id]
    return apply(self, state)


async def _drop_index() -> None:
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.begin() as connection:
        await connection.execute(text(DROP))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(_drop_index())
    with patch.object(Send, "apply", _forgetful_apply):
        broken.serve()
