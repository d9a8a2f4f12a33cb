"""The checker on histories made by hand: a good one, and one for each way in which it can go wrong."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.faults.checker import check, summary
from tests.faults.history import Applied, Evidence, History, Kind, Log, Message, Operation, Side

ANN, BOB, EVE = 1, 2, 3
AT = "2026-01-01T00:00:00Z"


def message(id_: int, sender: int, receiver: int, **changes: Any) -> Message:
    made = Message(id_, f"c{id_}", sender, receiver, f"text {id_}", 1, AT)
    return made._replace(**changes)


def as_json(told: Message) -> dict[str, Any]:
    return {**told._asdict(), "reactions": [{"emoji": e, "user_ids": list(ids)} for e, ids in told.reactions]}


MESSAGES = [message(1, ANN, BOB), message(2, BOB, ANN), message(3, ANN, BOB), message(4, BOB, ANN)]


def log_of(user: int, told: list[Message]) -> Log:
    log = Log(user)
    for seq, each in enumerate(told, start=1):
        assert log.apply(seq, "message.created", as_json(each)) is Applied.APPLIED
    return log


def sends(told: list[Message]) -> Iterator[Operation]:
    for at, each in enumerate(told):
        began = Operation(
            Kind.INVOKE, at, "phone", "send", each.sender_id, each.receiver_id, each.client_id, f"text {each.id}"
        )
        yield began
        yield began._replace(kind=Kind.INFO)
        yield began._replace(kind=Kind.OK, id=each.id)


def good(told: list[Message] | None = None) -> Evidence:
    """Ann and Bob wrote to each other; Ann has read the first of Bob's two messages."""
    told = MESSAGES if told is None else told
    return Evidence(
        History(list(sends(told))),
        devices={"phone": log_of(ANN, told), "laptop": log_of(ANN, told), "bob's": log_of(BOB, told)},
        fresh={ANN: log_of(ANN, told), BOB: log_of(BOB, told)},
        stored={(ANN, BOB): list(told), (BOB, ANN): list(told)},
        sides={(ANN, BOB): Side(1, 2), (BOB, ANN): Side(2, None)},
    )


def kinds(evidence: Evidence) -> set[str]:
    return {violation.kind for violation in check(evidence)}


def operation(action: str, kind: Kind, **fields: Any) -> Operation:
    return Operation(kind, 9.0, "phone", action, ANN, BOB)._replace(**fields)


def test_nothing_is_wrong_with_a_good_history() -> None:
    assert not check(good()), summary(check(good()))


def test_what_was_never_acked_may_be_stored_or_not() -> None:
    evidence = good()
    operations = evidence.history.operations
    operations[:] = [op for op in operations if op.client_id != "c3" or op.kind is not Kind.OK]
    operations.append(operation("send", Kind.INVOKE, client_id="c9", text="text 9"))
    assert not check(evidence)


def lose_acked(evidence: Evidence) -> None:
    operations = evidence.history.operations
    operations += sends([message(9, ANN, BOB)])


def lose_for_one(evidence: Evidence) -> None:
    evidence.stored[BOB, ANN].pop()


def make_up(evidence: Evidence) -> None:
    operations = evidence.history.operations
    operations[:] = [op for op in operations if op.client_id != "c3"]


def alter(evidence: Evidence) -> None:
    evidence.stored[ANN, BOB][2] = message(3, ANN, BOB, text="something else")


def store_twice(evidence: Evidence) -> None:
    evidence.stored[ANN, BOB].append(message(5, ANN, BOB, client_id="c3"))


def give_an_id_twice(evidence: Evidence) -> None:
    evidence.stored[ANN, BOB].append(message(3, ANN, BOB, client_id="c9"))


def create_twice(evidence: Evidence) -> None:
    evidence.devices["phone"].apply(5, "message.created", as_json(MESSAGES[0]))


def answer_differently(evidence: Evidence) -> None:
    again = next(op for op in evidence.history.operations if op.kind is Kind.OK)
    evidence.history.operations.append(again._replace(id=99))


def miss_the_last(evidence: Evidence) -> None:
    evidence.devices["laptop"] = log_of(ANN, MESSAGES[:-1])


def show_an_old_state(evidence: Evidence) -> None:
    evidence.devices["phone"].messages[1] = message(1, ANN, BOB, revision=2, text="edited")


def show_other_reactions(evidence: Evidence) -> None:
    evidence.stored[ANN, BOB][0] = message(1, ANN, BOB, reactions=(("👍", (BOB,)),))


def leave_a_gap(evidence: Evidence) -> None:
    for log in (evidence.fresh[ANN], evidence.devices["phone"], evidence.devices["laptop"]):
        log.entries[3] = log.entries[3]._replace(seq=5)


def start_over(evidence: Evidence) -> None:
    evidence.devices["phone"].resets = 1


def swap(evidence: Evidence) -> None:
    """Bob's journal has two messages the other way round."""
    told = [MESSAGES[1], MESSAGES[0], *MESSAGES[2:]]
    evidence.fresh[BOB], evidence.devices["bob's"] = log_of(BOB, told), log_of(BOB, told)


def overtake(evidence: Evidence) -> None:
    """Ann's second message has the lower id: it was stored first."""
    operations = evidence.history.operations
    firsts = [index for index, op in enumerate(operations) if op.kind is Kind.INVOKE and op.sender_id == ANN]
    operations[firsts[0]], operations[firsts[1]] = operations[firsts[1]], operations[firsts[0]]


def leak(evidence: Evidence) -> None:
    foreign = message(7, EVE, BOB)
    evidence.history.operations += sends([foreign])
    evidence.devices["phone"].apply(5, "message.created", as_json(foreign))


def miscount(evidence: Evidence) -> None:
    evidence.sides[ANN, BOB] = Side(2, 2)


def forget_a_mark(evidence: Evidence) -> None:
    evidence.history.operations.append(operation("read", Kind.OK, id=4))


def forget_an_edit(evidence: Evidence) -> None:
    evidence.history.operations += [
        operation("edit", Kind.INVOKE, id=3, text="better"),
        operation("edit", Kind.OK, id=3, text="better"),
    ]


def forget_a_deletion(evidence: Evidence) -> None:
    evidence.history.operations.append(operation("delete", Kind.OK, id=3))


def refuse(evidence: Evidence) -> None:
    evidence.history.operations.append(operation("send", Kind.FAIL, client_id="c9"))


def fail(evidence: Evidence) -> None:
    evidence.history.statuses["500"] += 1


def get_stuck(evidence: Evidence) -> None:
    evidence.stuck.append("phone")


def run_on(evidence: Evidence) -> None:
    evidence.overdue.append("chat_service-0")


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lose_acked, "lost"),
        (lose_for_one, "lost"),
        (make_up, "phantom"),
        (alter, "altered"),
        (store_twice, "duplicate"),
        (give_an_id_twice, "duplicate"),
        (create_twice, "duplicate"),
        (answer_differently, "retry"),
        (miss_the_last, "log"),
        (show_an_old_state, "state"),
        (show_other_reactions, "state"),
        (leave_a_gap, "gap"),
        (start_over, "reset"),
        (swap, "order"),
        (overtake, "order"),
        (leak, "foreign"),
        (miscount, "unread"),
        (forget_a_mark, "mark"),
        (forget_an_edit, "change"),
        (forget_a_deletion, "change"),
        (refuse, "refused"),
        (fail, "status"),
        (get_stuck, "stuck"),
        (run_on, "stop"),
    ],
)
def test_finds(spoil: Callable[[Evidence], None], kind: str) -> None:
    evidence = good()
    spoil(evidence)
    assert kind in kinds(evidence)


def test_an_edit_without_an_answer_may_come_late() -> None:
    late = message(3, ANN, BOB, text="first", revision=3)
    evidence = good([*MESSAGES[:2], late, MESSAGES[3]])
    evidence.history.operations += [
        operation("edit", Kind.INVOKE, id=3, text="first"),
        operation("edit", Kind.INFO, id=3, text="first"),
        operation("edit", Kind.OK, id=3, text="first"),
        operation("edit", Kind.INVOKE, id=3, text="second"),
        operation("edit", Kind.OK, id=3, text="second"),
    ]
    assert not check(evidence), summary(check(evidence))


def test_the_sequencer() -> None:
    log = Log(ANN)
    told = [as_json(each) for each in MESSAGES]
    assert log.apply(1, "message.created", told[0]) is Applied.APPLIED
    assert log.apply(1, "message.created", told[0]) is Applied.DROPPED
    assert log.apply(3, "message.created", told[2]) is Applied.GAP
    assert log.apply(2, "message.created", told[1]) is Applied.APPLIED
    assert [entry.seq for entry in log.entries] == [1, 2]
