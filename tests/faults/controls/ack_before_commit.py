"""Answers as soon as everything is written, and commits a moment later. A crash in between loses what was acked."""

import asyncio
from typing import Any
from unittest.mock import patch

from chat_service.journal.journal import Committed, Journal, _apply
from chat_service.journal.loading import load
from chat_service.journal.state import Needs
from chat_service.journal.storing import store
from shared.errors import Unavailable
from tests.faults.controls import broken

WINDOW_SECONDS = 0.1
"""A real bug's window is the time of an fsync; this one is wider, so that two crashes are enough to hit it."""


async def _hasty_serve(self: Journal, batch: list[Any], _tell_last: object) -> None:
    needs = Needs()
    for waiting in batch:
        needs.add(waiting.command.needs())
    try:
        async with self._database.transaction() as connection:
            state, heads = await load(connection, needs, self._clock())
            outcomes = [_apply(waiting.command, state) for waiting in batch]
            await store(connection, state, heads)
            for waiting, outcome in zip(batch, outcomes, strict=True):
                _answer(waiting.future, outcome.problem, outcome.value)
            await asyncio.sleep(WINDOW_SECONDS)
    except Exception:
        for waiting in batch:
            _answer(waiting.future, Unavailable(), None)
        return
    if state.events:
        self._announce(Committed(state.events, state))


def _answer(future: asyncio.Future[Any], problem: Exception | None, value: object) -> None:
    if future.done():
        return
    if problem is not None:
        future.set_exception(problem)
    else:
        future.set_result(value)


if __name__ == "__main__":
    with patch.object(Journal, "_serve", _hasty_serve):
        broken.serve()
