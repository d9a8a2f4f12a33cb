"""The promises, as pure functions from evidence to violations.

acked ⊆ stored ⊆ sent; once; the same on every device as in a fresh sync; one order; no gap; nobody else's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.faults.history import CREATED, Evidence, Kind, Log, Message, Operation, Pair

SHOWN = 3


class Violation(NamedTuple):
    """A promise that was broken."""

    kind: str
    detail: str


Check = Callable[[Evidence], Iterator[Violation]]
Sent = tuple[int, str]
"""(sender, client_id): what makes a message the same message."""


def check(evidence: Evidence) -> list[Violation]:
    """Every violation, in the order of `CHECKS`."""
    return [violation for each in CHECKS for violation in each(evidence)]


def summary(violations: list[Violation]) -> str:
    """How many of each kind, with the first few in full."""
    kinds = Counter(violation.kind for violation in violations)
    lines = [f"{count} x {kind}" for kind, count in kinds.items()]
    for kind in kinds:
        lines += [f"  {v.kind}: {v.detail}" for v in [v for v in violations if v.kind == kind][:SHOWN]]
    return "\n".join(lines) or "no violation"


def acked_is_stored(evidence: Evidence) -> Iterator[Violation]:
    """Whoever was told `ok` finds the message, and so does the other one."""
    stored = {view: {(m.sender_id, m.client_id) for m in found} for view, found in evidence.stored.items()}
    acked = {(op.sender_id, op.peer_id, op.client_id) for op in _sends(evidence, Kind.OK)}
    for sender, peer, client_id in sorted(acked, key=str):
        for view in {(sender, peer), (peer, sender)}:
            if (sender, client_id) not in stored.get(view, set()):
                yield Violation("lost", f"{client_id} of {sender} was acked, but is not in {view[0]}'s history")


def stored_is_sent(evidence: Evidence) -> Iterator[Violation]:
    """Nothing is stored that nobody sent, and nothing with another text than somebody wrote."""
    sent = {(op.sender_id, op.client_id): op for op in _sends(evidence, Kind.INVOKE)}
    texts = _texts(evidence)
    for message in _all_stored(evidence):
        began = sent.get(_name(message))
        if began is None or began.peer_id != message.receiver_id:
            yield Violation("phantom", f"message {message.id} of {message.sender_id} was never sent")
        elif message.text is not None and message.text not in {began.text, *texts[message.id]}:
            yield Violation("altered", f"message {message.id} has a text that was never written")


def stored_once(evidence: Evidence) -> Iterator[Violation]:
    """One id for each client_id, one client_id for each id: in the histories and in every device's log."""
    yield from _doubled("stored", {m for found in evidence.stored.values() for m in found})
    for view, found in evidence.stored.items():
        for id_, count in Counter(message.id for message in found).items():
            if count > 1:
                yield Violation("duplicate", f"message {id_} is {count} times in the history {view}")
    for name, log in _logs(evidence):
        yield from _doubled(name, set(log.messages.values()))
        created = Counter(entry.key for entry in log.entries if entry.type == CREATED)
        for key, count in created.items():
            if count > 1:
                yield Violation("duplicate", f"{name} got message.created of {key} {count} times")


def same_answer(evidence: Evidence) -> Iterator[Violation]:
    """Every answer to one client_id names the same message, and that one is stored."""
    ids: dict[Sent, set[int]] = defaultdict(set)
    for op in _sends(evidence, Kind.OK):
        assert op.client_id is not None
        assert op.id is not None
        ids[op.sender_id, op.client_id].add(op.id)
    stored = {_name(message): message.id for message in _all_stored(evidence)}
    for name, given in ids.items():
        if len(given) > 1:
            yield Violation("retry", f"{name} was answered with {sorted(given)}")
        elif name in stored and stored[name] not in given:
            yield Violation("retry", f"{name} was answered with {given}, but stored as {stored[name]}")


def logs_agree(evidence: Evidence) -> Iterator[Violation]:
    """What a device put together event by event is what a fresh sync from 0 gives."""
    for name, log in evidence.devices.items():
        fresh = evidence.fresh[log.user_id]
        if log.entries != fresh.entries:
            yield Violation("log", f"{name}: {_first_difference(log, fresh)}")
        for id_ in sorted(log.messages.keys() | fresh.messages.keys()):
            if log.messages.get(id_) != fresh.messages.get(id_):
                yield Violation("state", f"{name} has {log.messages.get(id_)}, fresh is {fresh.messages.get(id_)}")


def no_gaps(evidence: Evidence) -> Iterator[Violation]:
    """Journals are numbered 1, 2, 3 …, and nobody was told to start over: there was no restore."""
    for name, log in _logs(evidence):
        if [entry.seq for entry in log.entries] != list(range(1, len(log.entries) + 1)):
            yield Violation("gap", f"{name} is not numbered without gaps")
        if log.resets:
            yield Violation("reset", f"{name} was told {log.resets} times to start over")


def one_order(evidence: Evidence) -> Iterator[Violation]:
    """Both people see a conversation in the order of its ids, and each sender's messages in the order sent."""
    orders: dict[int, dict[Pair, list[int]]] = {}
    for user, log in evidence.fresh.items():
        orders[user] = _orders(log)
        for conversation, ids in orders[user].items():
            if ids != sorted(ids):
                yield Violation("order", f"{user} got the messages of {conversation} in another order than their ids")
    for (user, peer), found in evidence.stored.items():
        ids = [message.id for message in found]
        if ids != orders.get(user, {}).get((min(user, peer), max(user, peer)), []):
            yield Violation("order", f"{user}'s history with {peer} is not what the journal told")
    yield from _first_in_first_out(evidence)


def no_foreign(evidence: Evidence) -> Iterator[Violation]:
    """Nobody is given what two other people wrote."""
    for name, log in _logs(evidence):
        for message in log.messages.values():
            if log.user_id not in message.conversation:
                yield Violation("foreign", f"{name} of {log.user_id} got message {message.id}")
    for view, found in evidence.stored.items():
        for message in found:
            if message.conversation != (min(view), max(view)):
                yield Violation("foreign", f"the history {view} has message {message.id}")


def history_agrees(evidence: Evidence) -> Iterator[Violation]:
    """The history shows every message in the state that the journal leads to."""
    for (user, peer), found in evidence.stored.items():
        told = evidence.fresh[user].messages
        for message in found:
            if told.get(message.id) != message:
                yield Violation("state", f"history {user} with {peer}: {message}, by events {told.get(message.id)}")


def unread_is_right(evidence: Evidence) -> Iterator[Violation]:
    """Unread are the peer's undeleted messages after my mark; a mark that was acked has not gone back."""
    acked: dict[Pair, int] = defaultdict(int)
    for op in evidence.history.operations:
        if op.action == "read" and op.kind is Kind.OK and op.id is not None:
            acked[op.sender_id, op.peer_id] = max(acked[op.sender_id, op.peer_id], op.id)
    for (user, peer), side in evidence.sides.items():
        mark = side.my_read_id or 0
        if mark < acked[user, peer]:
            yield Violation("mark", f"{user} had read {peer}'s messages up to {acked[user, peer]}, the mark is {mark}")
        found = evidence.stored.get((user, peer), [])
        expected = sum(m.sender_id == peer and m.deleted_at is None and m.id > mark for m in found)
        if side.unread != expected:
            yield Violation("unread", f"{user} with {peer}: {side.unread} unread, {expected} by history")


def changes_are_kept(evidence: Evidence) -> Iterator[Violation]:
    """The last change of a message that was acked is what is stored.

    An attempt without an answer may arrive after all, and later than the one that was answered: edits carry no
    `client_id`. So its text may stand there too. A deletion is for ever.
    """
    last: dict[int, Operation] = {}
    possible: dict[int, set[str | None]] = defaultdict(set)
    for op in evidence.history.operations:
        if op.action in {"edit", "delete"} and op.id is not None:
            if op.kind is Kind.OK:
                last[op.id] = op
            elif op.kind is Kind.INFO:
                possible[op.id].add(op.text)
    for message in _all_stored(evidence):
        change = last.get(message.id)
        if change is None:
            continue
        is_deleted = message.deleted_at is not None
        is_kept = is_deleted if change.action == "delete" else message.text in {change.text, *possible[message.id]}
        if not is_kept:
            yield Violation("change", f"{change.action} of message {message.id} was acked, but it is {message}")


def nothing_strange(evidence: Evidence) -> Iterator[Violation]:
    """No send was refused, no status was another 5xx than 503, and everybody came to an end, processes too."""
    for op in _sends(evidence, Kind.FAIL):
        yield Violation("refused", f"{op.client_id} of {op.sender_id} was refused: {op.client}")
    for status, count in evidence.history.statuses.items():
        if status.startswith("5") and status != "503":
            yield Violation("status", f"{count} answers had status {status}")
    for what in evidence.stuck:
        yield Violation("stuck", what)
    for what in evidence.overdue:
        yield Violation("stop", what)


CHECKS: tuple[Check, ...] = (
    acked_is_stored,
    stored_is_sent,
    stored_once,
    same_answer,
    logs_agree,
    no_gaps,
    one_order,
    no_foreign,
    history_agrees,
    unread_is_right,
    changes_are_kept,
    nothing_strange,
)


def _sends(evidence: Evidence, kind: Kind) -> Iterator[Operation]:
    return (op for op in evidence.history.operations if op.action == "send" and op.kind is kind)


def _texts(evidence: Evidence) -> dict[int, set[str | None]]:
    """The texts that edits gave, or may have given, to each message."""
    texts: dict[int, set[str | None]] = defaultdict(set)
    for op in evidence.history.operations:
        if op.action == "edit" and op.kind is Kind.INVOKE and op.id is not None:
            texts[op.id].add(op.text)
    return texts


def _name(message: Message) -> Sent:
    return message.sender_id, message.client_id


def _all_stored(evidence: Evidence) -> Iterator[Message]:
    """Each message once for each of the two views on it."""
    return (message for found in evidence.stored.values() for message in found)


def _logs(evidence: Evidence) -> Iterator[tuple[str, Log]]:
    yield from evidence.devices.items()
    yield from ((f"fresh sync of {user}", log) for user, log in evidence.fresh.items())


def _doubled(where: str, messages: set[Message]) -> Iterator[Violation]:
    by_name: dict[Sent, set[int]] = defaultdict(set)
    by_id: dict[int, set[Sent]] = defaultdict(set)
    for message in messages:
        by_name[_name(message)].add(message.id)
        by_id[message.id].add(_name(message))
    for name, ids in by_name.items():
        if len(ids) > 1:
            yield Violation("duplicate", f"{where}: {name} has the ids {sorted(ids)}")
    for id_, names in by_id.items():
        if len(names) > 1:
            yield Violation("duplicate", f"{where}: id {id_} was given to {sorted(names)}")


def _orders(log: Log) -> dict[Pair, list[int]]:
    """Each conversation's messages in the order of this journal."""
    orders: dict[Pair, list[int]] = defaultdict(list)
    for entry in log.entries:
        if entry.type == CREATED and isinstance(entry.key, int):
            orders[log.messages[entry.key].conversation].append(entry.key)
    return orders


def _first_in_first_out(evidence: Evidence) -> Iterator[Violation]:
    """A sender begins with a message when the one before was acked: all of theirs are in that order."""
    sent: dict[int, list[str]] = defaultdict(list)
    for op in _sends(evidence, Kind.INVOKE):
        assert op.client_id is not None
        sent[op.sender_id].append(op.client_id)
    for user, log in evidence.fresh.items():
        created = [log.messages[e.key] for e in log.entries if e.type == CREATED and isinstance(e.key, int)]
        told = [message.client_id for message in created if message.sender_id == user]
        known = set(told)
        if told != [client_id for client_id in sent[user] if client_id in known]:
            yield Violation("order", f"{user}'s messages are not in the order in which they were sent")


def _first_difference(log: Log, fresh: Log) -> str:
    for mine, theirs in zip(log.entries, fresh.entries, strict=False):
        if mine != theirs:
            return f"{mine} instead of {theirs}"
    return f"ends at {len(log.entries)} instead of {len(fresh.entries)}"
