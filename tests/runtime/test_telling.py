import json
from collections.abc import Sequence
from unittest import mock

import pytest

from service.core.pipeline.read import read
from service.core.pipeline.refused import MOST_PAYLOAD, kept_payload
from service.core.pipeline.rules import compile_playbook
from service.core.records.facts import Facts
from service.core.records.feedback import Message
from service.ports import DeadLetter
from service.runtime import telling
from tests.builders import KEY, START, make_playbook

SOURCE = {
    "kind": "survey",
    "topic": "tool.raw",
    "subject": "token",
    "id": "token",
    "time": {"value": "at"},
    "texts": ["words"],
    "customer": {"ref": "who"},
}
RULES = compile_playbook(make_playbook(sources={"raw": SOURCE}))


def test_a_payload_of_many_rejected_records_is_redacted_once() -> None:
    payloads = [[{"words": f"call 020 7946 095{digit}"}] * 1_000 for digit in (7, 8)]
    messages = [
        Message(topic="tool.raw", partition=0, offset=at, key=None, value=json.dumps(one).encode(), received_at=START)
        for at, one in enumerate(payloads)
    ]
    records = [record for message in messages for record in read(message, RULES, KEY)]
    with mock.patch("service.runtime.telling.kept_payload", wraps=kept_payload) as kept:
        letters = telling.dead_letters(records, START, RULES)
    assert kept.call_count == 2
    assert [(one.offset, one.item) for one in letters] == [(at, item) for at in (0, 1) for item in range(1_000)]
    assert {(one.payload or "")[:24] for one in letters} == {'[{"words":"call [phone]"'}


def test_a_refused_event_is_kept_without_its_customer_and_without_half_a_number() -> None:
    value = {"customer": {"ref": 'jane "j" doe', "tier": "gold"}, "text": "ab " * 1_305, "card": "4111 1111 1111 1111"}
    (letter,) = refused(value)
    assert letter.payload is not None
    assert len(letter.payload) <= MOST_PAYLOAD
    assert letter.payload.startswith('{"customer":{"ref":"[customer]","tier":"gold"},"text":"ab ab ')
    assert "1111" not in letter.payload


@pytest.mark.parametrize(
    ("value", "payload"),
    [
        ('{"a":"jane\\u0040example.org"}', '{"a":"[email]"}'),
        ('{"a":"Kind regards,\\nJane M\\u00fcller"}', '{"a":"Kind regards,\\n[name]"}'),
        ('{"a":{"b":[4111111111111111,12.5,true,null]}}', '{"a":{"b":["[card]",12.5,true,null]}}'),
        ('{"jane@example.org":1}', '{"[email]":1}'),
        (
            '{"who":4711,"ref":"4711","customer":"4711"}',
            '{"who":"[customer]","ref":"[customer]","customer":"[customer]"}',
        ),
        ("[" * 40 + "]" * 40, "[" * 33 + '"[deep]"' + "]" * 33),
        ("{", None),
    ],
)
def test_no_escape_hides_anything_in_a_refused_payload(value: str, payload: str | None) -> None:
    assert kept_payload(value.encode(), "tool.raw", RULES) == payload


def test_a_key_that_may_be_a_customer_is_not_kept() -> None:
    (survey,) = refused({}, "feedback.surveys")
    (ticket,) = refused({}, "feedback.tickets")
    assert (survey.key, ticket.key) == (None, b"C-4711")
    records = [value for one in telling.outgoing(Facts(), [survey, ticket], START, RULES) for value in one.values]
    assert [key for key, _ in records] == [b"feedback.surveys:0", b"C-4711"]


def refused(value: object, topic: str = "feedback.surveys") -> Sequence[DeadLetter]:
    message = Message(
        topic=topic, partition=0, offset=0, key=b"C-4711", value=json.dumps(value).encode(), received_at=START
    )
    return telling.dead_letters(read(message, RULES, KEY), START, RULES)
