"""Receipts that are turned off: neither seen nor shown, in lists and in events."""

from tests.api.calls import conversation, events_after, ok, position, problem, read_up_to, send
from tests.stack.people import Person


def receipts(person: Person, *, on: bool) -> None:
    assert ok(person.client.patch("/api/preferences", json={"receipts": on})) == {"receipts": on}


def mark_events(person: Person, since: dict[str, object]) -> list[tuple[str, int]]:
    events = events_after(person, since)
    return [(e["type"], e["data"]["user_id"]) for e in events if e["type"].startswith("conversation.")]


def test_they_are_on_at_first_and_stay_as_they_were_chosen(fresh_ann: Person) -> None:
    assert ok(fresh_ann.client.get("/api/preferences")) == {"receipts": True}
    receipts(fresh_ann, on=False)
    assert ok(fresh_ann.client.patch("/api/preferences", json={})) == {"receipts": False}
    assert ok(fresh_ann.client.get("/api/preferences")) == {"receipts": False}
    problem(fresh_ann.client.patch("/api/preferences", json={"receipts": "perhaps"}), 422)


def test_off_means_neither_shown_nor_seen(fresh_ann: Person, fresh_bob: Person) -> None:
    for silent in (fresh_bob, fresh_ann):
        receipts(silent, on=False)
        before = position(fresh_ann), position(fresh_bob)
        message = send(fresh_ann, fresh_bob)
        read_up_to(fresh_bob, fresh_ann, message)

        assert mark_events(fresh_ann, before[0]) == [("conversation.delivered", fresh_bob.id)]
        assert mark_events(fresh_bob, before[1]) == [("conversation.read", fresh_bob.id)]
        seen = conversation(fresh_ann, fresh_bob)
        assert (seen["peer_read_id"], seen["peer_delivered_id"]) == (None, message["id"])
        assert conversation(fresh_bob, fresh_ann)["my_read_id"] == message["id"]
        assert conversation(fresh_bob, fresh_ann)["unread_count"] == 0
        receipts(silent, on=True)
        assert conversation(fresh_ann, fresh_bob)["peer_read_id"] == message["id"]
