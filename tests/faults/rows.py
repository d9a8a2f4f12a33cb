"""The rows of the fault matrix: each breaks one thing in the middle of the traffic, and heals it."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from tests.faults import shape
from tests.faults.proxy import Proxy
from tests.harness.processes import HarnessError, Server
from tests.harness.servers import Embedded, Stack


@dataclass(frozen=True)
class Target:
    """What a row may break."""

    site: Stack | Embedded
    proxy: Proxy
    random: Random
    overdue: list[str] = field(default_factory=list)
    """Processes that did not obey SIGTERM."""

    @property
    def stack(self) -> Stack:
        """The site, for rows that know its servers."""
        assert isinstance(self.site, Stack)
        return self.site

    def any_chat(self) -> Server:
        """A chat process."""
        return self.random.choice(shape.services(self.site))

    async def moment(self, longest: float) -> None:
        """A random while: the traffic goes on, so whatever follows hits it in the middle of something."""
        await asyncio.sleep(self.random.uniform(0, longest))


@dataclass(frozen=True)
class Row:
    """A fault. `is_crash`: processes end by SIGKILL (or PostgreSQL by its immediate shutdown) and lose their memory."""

    name: str
    break_and_heal: Callable[[Target], Awaitable[None]]
    is_crash: bool = False
    weight: int = 1


async def kill(target: Target, server: Server, down: float) -> None:
    """kill -9, a while, start."""
    await target.moment(0.05)
    await asyncio.to_thread(server.kill)
    await target.moment(down)
    await asyncio.to_thread(server.start)


async def restart(target: Target, server: Server, down: float = 0.0) -> None:
    """SIGTERM, a while, start. One that does not end is killed by `stop`, and that is remembered."""
    try:
        await asyncio.to_thread(server.stop)
    except HarnessError as error:
        target.overdue.append(str(error).partition("\n")[0])
    await target.moment(down)
    await asyncio.to_thread(server.start)


async def freeze(target: Target, server: Server, longest: float) -> None:
    """SIGSTOP of a whole family of processes, then SIGCONT: connections stay open and nobody answers."""
    process = server.process
    pids = [process.pid, *shape.family(process)]
    shape.send(pids, signal.SIGSTOP)
    try:
        await asyncio.sleep(0.5)
        await target.moment(longest)
    finally:
        shape.send(pids, signal.SIGCONT)


async def kill_chat(target: Target) -> None:
    await kill(target, target.any_chat(), 0.3)


async def kill_all_chats(target: Target) -> None:
    chats = shape.services(target.site)
    await asyncio.gather(*(asyncio.to_thread(chat.kill) for chat in chats))
    await target.moment(2)
    await asyncio.gather(*(asyncio.to_thread(chat.start) for chat in chats))


async def restart_chat(target: Target) -> None:
    await restart(target, target.any_chat())


async def roll_chats(target: Target) -> None:
    for chat in shape.services(target.site):
        await restart(target, chat)


async def freeze_chat(target: Target) -> None:
    await freeze(target, target.any_chat(), 2)


async def auth_down(target: Target) -> None:
    await kill(target, target.stack.auth, 2)


async def kill_valkey(target: Target) -> None:
    await kill(target, target.stack.valkey, 2)


async def restart_valkey(target: Target) -> None:
    await restart(target, target.stack.valkey, 1)


async def freeze_valkey(target: Target) -> None:
    await freeze(target, target.stack.valkey, 3)


async def restart_postgres(target: Target) -> None:
    await restart(target, target.stack.postgres, 0.5)


async def crash_postgres(target: Target) -> None:
    await kill(target, target.stack.postgres, 0.5)


async def kill_postgres(target: Target) -> None:
    await target.moment(0.05)
    await asyncio.to_thread(shape.kill_family, target.stack.postgres.process)
    await target.moment(0.5)
    await asyncio.to_thread(target.stack.postgres.start)


async def freeze_postgres(target: Target) -> None:
    await freeze(target, target.stack.postgres, 2)


async def reload_nginx(target: Target) -> None:
    target.stack.nginx.process.signal(signal.SIGHUP)
    await asyncio.sleep(0.3)


async def restart_nginx(target: Target) -> None:
    await restart(target, target.stack.nginx, 0.5)


async def kill_nginx(target: Target) -> None:
    await kill(target, target.stack.nginx, 0.5)


async def reset_clients(target: Target) -> None:
    for link in target.proxy.some(0.7, target.random):
        link.end(with_reset=True)


async def swallow_clients(target: Target) -> None:
    """Cables are pulled: clients have to notice by themselves. Forgotten links are taken away much later."""
    links = target.proxy.some(0.5, target.random)
    for link in links:
        link.swallow()
    await asyncio.sleep(1)
    await target.moment(6)
    for link in links:
        link.end(with_reset=True)


async def lose_answers(target: Target) -> None:
    """Some answers end in the middle, or before they begin: it happened, and the client does not know."""
    for link in target.proxy.some(0.7, target.random):
        link.cut_after(target.random.choice((1, target.random.randint(2, 2_000))))
    await asyncio.sleep(0.5)


async def slow_network(target: Target) -> None:
    target.proxy.latency, target.proxy.jitter = target.random.uniform(0.05, 0.3), 0.1
    await asyncio.sleep(1)
    await target.moment(1)
    target.proxy.latency = target.proxy.jitter = 0.0


EMBEDDED_ROWS = (
    Row("process: kill -9", kill_chat, is_crash=True, weight=6),
    Row("process: SIGTERM, start", restart_chat, weight=2),
    Row("process: SIGSTOP", freeze_chat),
    Row("clients: RST", reset_clients),
    Row("clients: blackhole", swallow_clients),
    Row("clients: answer cut off", lose_answers),
    Row("clients: 50-400 ms latency", slow_network),
)
STACK_ROWS = (
    Row("chat_service: kill -9 of one", kill_chat, is_crash=True, weight=4),
    Row("chat_service: kill -9 of all", kill_all_chats, is_crash=True, weight=2),
    Row("chat_service: SIGTERM, start of one", restart_chat),
    Row("chat_service: rolling restart", roll_chats),
    Row("chat_service: SIGSTOP of one", freeze_chat),
    Row("auth_service: kill -9, down", auth_down, is_crash=True),
    Row("Valkey: kill -9, empty start", kill_valkey, is_crash=True, weight=2),
    Row("Valkey: SIGTERM, empty start", restart_valkey),
    Row("Valkey: SIGSTOP", freeze_valkey),
    Row("PostgreSQL: kill -9 of all processes", kill_postgres, is_crash=True, weight=2),
    Row("PostgreSQL: immediate shutdown", crash_postgres, is_crash=True, weight=2),
    Row("PostgreSQL: restart", restart_postgres),
    Row("PostgreSQL: SIGSTOP", freeze_postgres),
    Row("nginx: reload", reload_nginx),
    Row("nginx: SIGTERM, start", restart_nginx),
    Row("nginx: kill -9", kill_nginx, is_crash=True),
    Row("clients: RST", reset_clients),
    Row("clients: blackhole", swallow_clients),
    Row("clients: answer cut off", lose_answers),
    Row("clients: 50-400 ms latency", slow_network),
)


def rows_for(site: Stack | Embedded) -> tuple[Row, ...]:
    """The rows that make sense for this shape."""
    return STACK_ROWS if isinstance(site, Stack) else EMBEDDED_ROWS
