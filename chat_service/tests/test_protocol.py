"""Frames: what is read, and that everything else is answered."""

import json
from uuid import uuid4

import pytest

from chat_service.realtime.protocol import BadFrame, PingFrame, SendFrame, parse


def test_a_frame_is_read() -> None:
    frame = parse(json.dumps({"type": "send", "id": "a", "to": 2, "text": "hi", "client_id": str(uuid4()), "new": 1}))
    assert isinstance(frame, SendFrame)
    assert (frame.to, frame.attachment_ids) == (2, ())


def test_a_ping_is_read() -> None:
    assert isinstance(parse('{"type":"ping","id":"1"}'), PingFrame)


@pytest.mark.parametrize(
    ("text", "frame_id"),
    [
        ("", None),
        ("not json", None),
        ("[]", None),
        ("null", None),
        ("7", None),
        ("{}", None),
        ('{"type":"dance","id":"7"}', "7"),
        ('{"type":"ping"}', None),
        ('{"type":"ping","id":7}', None),
        ('{"type":"edit","id":"7","message_id":1.5,"text":"x"}', "7"),
        ('{"type":"edit","id":"7","message_id":true,"text":"x"}', "7"),
        ('{"type":"edit","id":"7","message_id":"1","text":"x"}', "7"),
        ('{"type":"edit","id":"7","message_id":9223372036854775808,"text":"x"}', "7"),
        ('{"type":"edit","id":"7","message_id":1,"text":"a\\u0000b"}', "7"),
        ('{"type":"edit","id":"7","message_id":1,"text":"\\ud800"}', "7"),
        ('{"type":"ping","id":"\\ud800"}', None),
        ('{"type":"edit","id":"7","message_id":1,"text":null}', "7"),
        ('{"type":"typing","id":"7","peer_id":1,"on":1}', "7"),
        ('{"type":"watch","id":"7","user_ids":[1,-1]}', "7"),
        ("[" * 100_000, None),
        ('{"type":"ping","id":"7"' + "," + '"a":' * 50_000 + "1}", None),
    ],
)
def test_a_bad_frame_is_answered_with_its_id(text: str, frame_id: str | None) -> None:
    with pytest.raises(BadFrame) as caught:
        parse(text)
    assert (caught.value.frame.id, caught.value.frame.code) == (frame_id, "invalid")
    json.loads(caught.value.frame.model_dump_json())


def test_a_refusal_never_echoes_the_input() -> None:
    with pytest.raises(BadFrame) as caught:
        parse('{"type":"auth","id":"7","token":["hunter2"]}')
    assert "hunter2" not in caught.value.frame.model_dump_json()
