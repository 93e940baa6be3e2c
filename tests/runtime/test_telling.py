import json
from unittest import mock

from service.core.pipeline.read import read
from service.core.pipeline.rules import compile_playbook
from service.core.records.feedback import Message
from service.core.redact import redact
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
    with mock.patch("service.runtime.telling.redact", wraps=redact) as redacted:
        letters = telling.dead_letters(records, START, RULES)
    assert redacted.call_count == 2
    assert [(one.offset, one.item) for one in letters] == [(at, item) for at in (0, 1) for item in range(1_000)]
    assert {(one.payload or "")[:25] for one in letters} == {'[{"words": "call [phone]"'}


def test_a_refused_event_is_kept_without_its_customer_and_without_half_a_number() -> None:
    value = {"customer": {"ref": 'jane "j" doe', "tier": "gold"}, "text": "x" * 3_913, "card": "4111 1111 1111 1111"}
    kept = {"customer": {"ref": "[customer]", "tier": "gold"}, "text": "x" * 3_913}
    message = Message(
        topic="feedback.surveys",
        partition=0,
        offset=0,
        key=None,
        value=json.dumps(value).encode(),
        received_at=START,
    )
    (letter,) = telling.dead_letters(read(message, RULES, KEY), START, RULES)
    assert letter.payload == json.dumps(kept)[:-1] + ', "card":'
