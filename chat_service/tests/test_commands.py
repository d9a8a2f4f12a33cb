"""The rules of messages, marks and blocks, on a state in memory."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic_core import to_json

from chat_service.conversations.commands import AnnounceProfile, Mark, SetBlock
from chat_service.errors import AttachmentUsed, Blocked, Deleted, EmptyMessage, NotYours, StaleRevision
from chat_service.journal.state import AttachmentState, EventType, Marks, MessageState, Profile, State
from chat_service.messages.commands import Delete, Edit, React, Send, is_blank
from chat_service.messages.schemas import Message
from shared.errors import Invalid, NotFound, Problem

ANNA, BOHDAN, STRANGER = 1, 2, 3
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def state() -> State:
    """Anna and Bohdan, and one message from her to him."""
    state = State(now=NOW, active_users={ANNA, BOHDAN, STRANGER}, known_users={ANNA, BOHDAN, STRANGER})
    state.messages[10] = MessageState(10, uuid4(), ANNA, BOHDAN, "hello", None, NOW - timedelta(hours=1))
    return state


def send(**changes: Any) -> Send:
    given: dict[str, Any] = {"sender_id": ANNA, "receiver_id": BOHDAN, "text": "hi", "client_id": uuid4()}
    return Send(**{**given, **changes})


def attachment(uploader: int = ANNA, message_id: int | None = None) -> AttachmentState:
    return AttachmentState(uuid4(), uploader, message_id, "a.txt", "text/plain", 1, None, None, has_thumbnail=False)


def types(state: State) -> list[tuple[int, EventType]]:
    return [(event.user_id, event.type) for event in state.events]


def refused(state: State, command: Any, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        command.apply(state)
    assert state.events == []
    assert state.new_messages == []
    assert state.changed_messages == {}


def test_both_people_are_told_of_a_message(state: State) -> None:
    sent = send().apply(state)
    assert sent.created
    assert types(state) == [(ANNA, EventType.MESSAGE_CREATED), (BOHDAN, EventType.MESSAGE_CREATED)]


def test_a_note_to_oneself_is_one_event(state: State) -> None:
    send(receiver_id=ANNA).apply(state)
    assert types(state) == [(ANNA, EventType.MESSAGE_CREATED)]


def test_the_same_client_id_is_one_message_even_in_one_batch(state: State) -> None:
    client_id = uuid4()
    first = send(client_id=client_id).apply(state)
    again = send(client_id=client_id, text="other", receiver_id=STRANGER).apply(state)
    assert again.message is first.message
    assert not again.created
    assert len(state.new_messages) == 1


def test_a_repeat_succeeds_although_the_receiver_blocked_meanwhile(state: State) -> None:
    client_id = uuid4()
    send(client_id=client_id).apply(state)
    state.blocks.add((BOHDAN, ANNA))
    assert not send(client_id=client_id).apply(state).created


@pytest.mark.parametrize("block", [(ANNA, BOHDAN), (BOHDAN, ANNA)])
def test_a_block_stops_both_ways(state: State, block: tuple[int, int]) -> None:
    state.blocks.add(block)
    refused(state, send(), Blocked)
    refused(state, Edit(ANNA, 10, "new"), Blocked)
    refused(state, React(BOHDAN, 10, "👍", on=True), Blocked)
    Delete(ANNA, 10).apply(state)


def test_nobody_to_send_to(state: State) -> None:
    refused(state, send(receiver_id=99), NotFound)


def test_a_reply_stays_in_its_conversation(state: State) -> None:
    assert send(reply_to_id=10).apply(state).message.reply_to_id == 10
    state.events.clear()
    state.new_messages.clear()
    refused(state, send(receiver_id=STRANGER, reply_to_id=10), NotFound)
    refused(state, send(reply_to_id=99), NotFound)


def test_a_file_is_in_one_message_and_its_uploaders(state: State) -> None:
    mine, used, foreign = attachment(), attachment(message_id=5), attachment(uploader=BOHDAN)
    state.attachments = {a.id: a for a in (mine, used, foreign)}
    refused(state, send(attachment_ids=(mine.id, used.id)), AttachmentUsed)
    refused(state, send(attachment_ids=(mine.id, foreign.id)), NotFound)
    refused(state, send(attachment_ids=(UUID(int=0),)), NotFound)
    assert mine.message_id is None
    assert send(text=" ", attachment_ids=(mine.id,)).apply(state).message.text is None
    state.events.clear()
    state.new_messages.clear()
    refused(state, send(attachment_ids=(mine.id,)), AttachmentUsed)


def test_an_edit_counts_revisions(state: State) -> None:
    assert Edit(ANNA, 10, "new", revision=1).apply(state).revision == 2
    assert Edit(ANNA, 10, "newer").apply(state).revision == 3
    state.events.clear()
    state.changed_messages.clear()
    refused(state, Edit(ANNA, 10, "late", revision=1), StaleRevision)
    assert state.messages[10].text == "newer"


def test_who_may_change_a_message(state: State) -> None:
    for command in (Edit, Delete):
        arguments = ("new",) if command is Edit else ()
        refused(state, command(BOHDAN, 10, *arguments), NotYours)
        refused(state, command(STRANGER, 10, *arguments), NotFound)
        refused(state, command(ANNA, 99, *arguments), NotFound)


def test_an_edit_leaves_something_to_see(state: State) -> None:
    refused(state, Edit(ANNA, 10, " \u200b"), EmptyMessage)
    state.messages[10].attachments.append(attachment(message_id=10))
    assert Edit(ANNA, 10, "").apply(state).text is None


def test_deleting_takes_everything_away_once(state: State) -> None:
    message = state.messages[10]
    message.attachments.append(attachment(message_id=10))
    message.reactions["👍", BOHDAN] = NOW
    Delete(ANNA, 10).apply(state)
    view = message.view()
    assert (view.text, view.attachments, view.reactions, view.deleted_at) == (None, [], [], NOW)
    assert len(state.removed_attachments) == 1
    assert state.removed_reactions == {(10, BOHDAN, "👍")}
    Delete(ANNA, 10).apply(state)
    assert types(state) == [(ANNA, EventType.MESSAGE_DELETED), (BOHDAN, EventType.MESSAGE_DELETED)]
    state.events.clear()
    state.changed_messages.clear()
    refused(state, Edit(ANNA, 10, "back"), Deleted)
    refused(state, React(BOHDAN, 10, "👍", on=True), Deleted)


def test_a_reaction_is_set_once_and_no_revision(state: State) -> None:
    React(BOHDAN, 10, "👍", on=True).apply(state)
    React(BOHDAN, 10, "👍", on=True).apply(state)
    React(ANNA, 10, "👍", on=True).apply(state)
    assert state.messages[10].view().reactions[0].user_ids == [BOHDAN, ANNA]
    assert state.messages[10].revision == 1
    assert len(state.events) == 4
    React(ANNA, 10, "👍", on=False).apply(state)
    React(ANNA, 10, "👍", on=False).apply(state)
    assert state.messages[10].view().reactions[0].user_ids == [BOHDAN]
    assert len(state.events) == 6
    refused_state = State(now=NOW, messages=state.messages)
    refused(refused_state, React(STRANGER, 10, "👍", on=True), NotFound)


def test_the_encoded_message_is_the_documented_one(state: State) -> None:
    plain = state.messages[10]
    rich = MessageState(11, uuid4(), BOHDAN, ANNA, 'Їжак "🙂"\u2028', 10, NOW, NOW, revision=3)
    rich.attachments = [attachment(), AttachmentState(uuid4(), ANNA, 11, "b.png", "image/png", 7, 3, 4, True)]
    rich.reactions = {("👍", ANNA): NOW, ("🙂", BOHDAN): NOW, ("👍", BOHDAN): NOW}
    gone = MessageState(12, uuid4(), ANNA, ANNA, None, None, NOW + timedelta(microseconds=5), None, NOW)
    for message in (plain, rich, gone):
        assert message.encoded() == to_json(message.view())
        assert Message.model_validate_json(message.encoded()) == message.view()


def test_marks_only_move_forward(state: State) -> None:
    state.messages[11] = MessageState(11, uuid4(), ANNA, BOHDAN, "more", None, NOW)
    Mark(BOHDAN, ANNA, 11, read=True).apply(state)
    Mark(BOHDAN, ANNA, 10, read=True).apply(state)
    Mark(BOHDAN, ANNA, 11, read=False).apply(state)
    marks = state.marks[BOHDAN, ANNA]
    assert (marks.read_id, marks.delivered_id) == (11, 11)
    assert types(state) == [(ANNA, EventType.READ), (BOHDAN, EventType.READ)]


def test_delivered_is_not_read(state: State) -> None:
    Mark(BOHDAN, ANNA, 10, read=False).apply(state)
    assert state.marks[BOHDAN, ANNA].read_id is None
    assert types(state) == [(ANNA, EventType.DELIVERED), (BOHDAN, EventType.DELIVERED)]


def test_without_receipts_the_other_one_hears_that_it_arrived_and_not_that_it_was_read(state: State) -> None:
    for silent in ({ANNA}, {BOHDAN}):
        state.without_receipts, state.events = silent, []
        state.marks[BOHDAN, ANNA] = Marks()
        Mark(BOHDAN, ANNA, 10, read=True).apply(state)
        Mark(BOHDAN, ANNA, 10, read=True).apply(state)
        assert state.marks[BOHDAN, ANNA].read_id == 10
        assert sorted(types(state)) == [(ANNA, EventType.DELIVERED), (BOHDAN, EventType.READ)]


def test_a_mark_belongs_to_its_conversation(state: State) -> None:
    refused(state, Mark(BOHDAN, STRANGER, 10, read=True), NotFound)
    refused(state, Mark(STRANGER, ANNA, 10, read=True), NotFound)


def test_a_block_tells_only_the_blocker_and_once(state: State) -> None:
    SetBlock(ANNA, BOHDAN, on=True).apply(state)
    SetBlock(ANNA, BOHDAN, on=True).apply(state)
    SetBlock(ANNA, BOHDAN, on=False).apply(state)
    assert types(state) == [(ANNA, EventType.BLOCK_CHANGED)] * 2
    assert not state.is_blocked(ANNA, BOHDAN)


def test_whom_one_cannot_block(state: State) -> None:
    refused(state, SetBlock(ANNA, ANNA, on=True), Invalid)
    refused(state, SetBlock(ANNA, 99, on=True), NotFound)


def test_a_profile_is_announced_once_per_revision(state: State) -> None:
    state.profiles[ANNA] = Profile(revision=3, announced=1, peers=[BOHDAN])
    AnnounceProfile(ANNA).apply(state)
    AnnounceProfile(ANNA).apply(state)
    assert types(state) == [(BOHDAN, EventType.USER_UPDATED)]
    assert state.announced == {ANNA: 3}


@pytest.mark.parametrize("text", [None, "", " \n\t", "\u200b\u200d\ufeff", "\u00a0"])
def test_nothing_to_see(text: str | None) -> None:
    assert is_blank(text)


@pytest.mark.parametrize("text", ["a", " .", "🙂", "\u0301a"])
def test_something_to_see(text: str) -> None:
    assert not is_blank(text)
