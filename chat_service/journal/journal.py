"""The one door for every change: what arrives while a transaction runs goes into the next one together.

A lone command waits for nothing, and many share a commit, so throughput grows with load (ADR 0006). A command's result
is given only after COMMIT; its events carry each person's gap-free numbers in commit order.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from chat_service.journal.commands import Command
from chat_service.journal.events import Builder
from chat_service.journal.express import store_messages
from chat_service.journal.loading import load
from chat_service.journal.memory import Memory
from chat_service.journal.state import Event, Needs, State
from chat_service.journal.storing import store
from shared import metrics
from shared.background import end
from shared.bus import JOURNAL_MOVED, Bus, Message
from shared.clock import Clock, monotonic, utc_now
from shared.database import Database
from shared.errors import Problem, Unavailable, is_outage

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

MAX_WAITING = 2_000
MAX_BATCH = 256
"""With two people each, as many as are locked one by one (`MAX_LOCKED`)."""
STOP_SECONDS = 2
COMMIT_SECONDS = 4
PATIENCE_SECONDS = 4
"""How long a command may have waited for its turn. With the above, nobody waits for longer than 8 s."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction did, for those who act on it after the commit."""

    events: list[Event]
    state: State
    is_answered: bool = False
    """Whether the callers had their answers before; otherwise these come right after."""

    def builder(self) -> Builder:
        """Builds these events as clients see them, without asking the database again."""
        changed = {event.message.id: event.message for event in self.events if event.message is not None}
        return Builder(messages=changed, blocks=self.state.blocks)

    @property
    def heads(self) -> dict[int, int]:
        """The newest seq of each person whose journal moved."""
        return {event.user_id: event.seq for event in self.events}


@dataclass(slots=True)
class _Waiting:
    command: Command[Any]
    future: asyncio.Future[Any]
    since: float


@dataclass(slots=True)
class _Outcome:
    """What applying one command gave: a value, or the problem that refused it."""

    value: Any = None
    problem: Problem | None = None


Done = tuple[list[_Outcome], State]


@dataclass(slots=True)
class _Served:
    """A batch that is committed, until everybody is told."""

    batch: list[_Waiting]
    outcomes: list[_Outcome]
    state: State
    is_answered: bool = False


class Journal:
    """Numbers events per person, commits the changes of many callers in one transaction, then tells the listeners."""

    def __init__(self, database: Database, bus: Bus, clock: Clock = utc_now, *, max_waiting: int = MAX_WAITING) -> None:
        self._database = database
        self._line = database.line()
        self._bus = bus
        self._clock = clock
        self._max_waiting = max_waiting
        self._memory = Memory()
        self._waiting: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._is_stopping = False
        self._listeners: list[Callable[[Committed], None]] = []
        self._task: asyncio.Task[None] | None = None

    def on_committed(self, listener: Callable[[Committed], None]) -> None:
        """Call `listener` after every commit that wrote events. It must not block."""
        self._listeners.append(listener)

    async def start(self) -> None:
        """Begin to commit."""
        self._bus.subscribe(JOURNAL_MOVED, self._on_hint)
        self._task = asyncio.create_task(self._run(), name="journal")

    async def stop(self) -> None:
        """Commit what is waiting, then end; what a hanging database holds up for too long stays undone."""
        self._is_stopping = True
        self._arrived.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STOP_SECONDS)
            await end(self._task)
        for waiting in self._waiting:
            if not waiting.future.done():
                waiting.future.set_exception(Unavailable())

    def submit(self, command: Command[Result]) -> asyncio.Future[Result]:
        """Make one change. The future is done after COMMIT, with the command's result or its `Problem`.

        `Unavailable` means that the database failed: it is unknown whether the change was made, and trying again is
        safe. The command is carried out even if the future is cancelled meanwhile.
        """
        if self._is_stopping or len(self._waiting) >= self._max_waiting:
            raise Unavailable("Too many messages are waiting to be stored. Please try again.", retry_after=1)
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(command, future, monotonic()))
        self._arrived.set()
        return future

    async def _run(self) -> None:
        while not self._is_stopping:
            await self._arrived.wait()
            self._arrived.clear()
            served: _Served | None = None
            while self._waiting:
                if batch := self._next_batch():
                    served = await self._serve(batch, served)
                    if served is not None and not self._waiting:
                        await self._answer_first(served)
            if served is not None:
                self._tell(served)

    def _next_batch(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        earliest = monotonic() - PATIENCE_SECONDS
        for _ in range(min(len(self._waiting), MAX_BATCH)):
            waiting = self._waiting.popleft()
            if waiting.since >= earliest:
                batch.append(waiting)
            elif not waiting.future.done():
                waiting.future.set_exception(Unavailable())
        return batch

    async def _serve(self, batch: list[_Waiting], last: _Served | None = None) -> _Served | None:
        """Commit, and tell people of the last one. That takes as long as the database takes to commit a batch, so the
        one is done while the other goes on.
        """
        committing: Awaitable[Done] = self._commit([waiting.command for waiting in batch])
        if last is not None:
            committing = asyncio.ensure_future(committing)
            # One turn of the loop to make the statement, another to send it: uvloop writes at the end of a turn.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self._tell(last)
        try:
            outcomes, state = await committing
        except Exception as error:
            await self._serve_failed(batch, error)
            return None
        return _Served(batch, outcomes, state)

    async def _answer_first(self, served: _Served) -> None:
        """Nobody else waits, so who sent this is told before all others: that is a tenth of their time."""
        self._answer(served)
        for _ in range(2):  # a turn of the loop for who waits for the answers, and one to hear of what came meanwhile
            if not self._waiting:
                await asyncio.sleep(0)

    def _tell(self, served: _Served) -> None:
        """First the answers, although nobody takes them before this function ends: so the one for a sender's socket is
        there when its events are written, and leaves with them.
        """
        was_answered = served.is_answered
        if not was_answered:
            self._answer(served)
        outcomes, state = served.outcomes, served.state
        metrics.observe_batch(len(outcomes), refused=sum(outcome.problem is not None for outcome in outcomes))
        if state.events:
            self._announce(Committed(state.events, state, was_answered))

    def _answer(self, served: _Served) -> None:
        served.is_answered = True
        for waiting, outcome in zip(served.batch, served.outcomes, strict=True):
            if waiting.future.done():  # its caller is gone
                continue
            if outcome.problem is not None:
                waiting.future.set_exception(outcome.problem)
            else:
                waiting.future.set_result(outcome.value)

    async def _serve_failed(self, batch: list[_Waiting], error: Exception) -> None:
        if len(batch) > 1 and not is_outage(error):
            # One of them broke the transaction for all: let it fail alone.
            log.error("a batch failed and is tried one by one", size=len(batch), exc_info=error)
            for waiting in batch:
                if served := await self._serve([waiting]):
                    self._tell(served)
            return
        log.error("journal transaction failed", error=repr(error), exc_info=not is_outage(error))
        for waiting in batch:
            if not waiting.future.done():
                waiting.future.set_exception(Unavailable() if is_outage(error) else error)

    async def _commit(self, commands: list[Command[Any]]) -> Done:
        began = monotonic()
        wanted = [command.needs() for command in commands]
        heads = self._memory.heads(wanted)
        if heads is not None and (done := await self._commit_from_memory(commands, heads)) is not None:
            return done
        async with asyncio.timeout(COMMIT_SECONDS - (monotonic() - began)):
            return await self._commit_all(commands, wanted)

    async def _commit_all(self, commands: list[Command[Any]], wanted: list[Needs]) -> Done:
        needs = Needs()
        for each in wanted:
            needs.add(each)
        async with self._database.transaction() as connection:
            state, heads = await load(connection, needs, self._clock())
            outcomes = [_apply(command, state) for command in commands]
            moved = await store(connection, state, heads)
        self._memory.keep(needs.pairs, state, heads, moved)
        return outcomes, state

    async def _commit_from_memory(self, commands: list[Command[Any]], heads: dict[int, int]) -> Done | None:
        """Send in one statement. None: something is not as it was, so nothing was done; take the long way."""
        state = State(self._clock(), active_users=set(heads), known_users=set(heads))
        try:
            outcomes = [_Outcome(command.apply(state)) for command in commands]
            moved = state.number(heads)
            is_stored = await store_messages(self._line, state, within=COMMIT_SECONDS)
        except Problem:
            is_stored = False
        if not is_stored:
            self._memory.forget(heads)
            return None
        self._memory.move(moved)
        return outcomes, state

    def _on_hint(self, message: Message) -> None:
        self._memory.forget(map(int, message["heads"]))

    def _announce(self, committed: Committed) -> None:
        for listener in self._listeners:
            try:
                listener(committed)
            except Exception:  # it is committed: nobody may believe that it was not
                log.exception("a listener failed after a commit")
        self._bus.publish(JOURNAL_MOVED, {"heads": committed.heads}, to_others=True)


def _apply(command: Command[Any], state: State) -> _Outcome:
    try:
        return _Outcome(value=command.apply(state))
    except Problem as problem:
        return _Outcome(problem=problem)
