"""What was told, or is about to be -> the same without a person: notices, digests, messages, stored answers, alerts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from msgspec.structs import replace

from service.core.contracts.digest import Digest
from service.core.digest import quoted
from service.core.erase.names import Names
from service.core.records.alerts import Alert, Notice

# What a plain text says in place of a quote.
_GONE = "“…”"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """By what a person is known in what was told.

    `refs`, `subjects` and `events` give the token of each name, these within `sources`; `texts` are its excerpts.
    """

    names: Names
    sources: frozenset[str] = frozenset()
    refs: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def learn(self, alert: Alert) -> None:
        """Keep the person's excerpts in an alert, by which messages without ids are known."""
        self.texts.update(one.text for one in alert.excerpts if one.event_id in self.events)


def erased_alert(alert: Alert, told: Told) -> Alert:
    """Take the person's excerpts out, and put tokens for its names; all counts stay."""
    evidence = cleaned(alert.evidence, told)
    if alert.fields.get("customer") in told.refs and "cases" in evidence:
        # All of these are the person's, those of other slices too, which will not come by here again.
        evidence = {**evidence, "cases": [_hidden(case, told.names) for case in evidence["cases"]]}
    return replace(
        alert,
        excerpts=tuple(one for one in alert.excerpts if one.event_id not in told.events),
        fields=cleaned(alert.fields, told),
        evidence=evidence,
    )


def _hidden(case: Mapping[str, Any], names: Names) -> Mapping[str, Any]:
    source = case["source"]
    return {
        **case,
        "subject": names.subject(source, case["subject"]),
        "event_id": names.event(source, case["event_id"]),
    }


def erased_notice(notice: Notice, told: Told) -> Notice:
    return replace(notice, alert=erased_alert(notice.alert, told))


def erased_digest(record: Digest, told: Told) -> Digest:
    """Take the person's quotes out, of the groups as of the plain text."""
    return _without(record, told.texts)


def _without(record: Digest, texts: Collection[str]) -> Digest:
    gone = [quote for group in record.groups for quote in group.excerpts if quote.text in texts]
    if not gone:
        return record
    groups = tuple(
        group.model_copy(update={"excerpts": tuple(one for one in group.excerpts if one not in gone)})
        for group in record.groups
    )
    lines = {quoted(one.text, one.said) for one in gone}
    text = "\n".join(_GONE if line in lines else line for line in record.text.split("\n"))
    return record.model_copy(update={"groups": groups, "text": text})


def without_quotes(record: Digest) -> Digest:
    """Take every quote out, of the groups as of the plain text."""
    return _without(record, {quote.text for group in record.groups for quote in group.excerpts})


def erased_message(
    topic: str, key: bytes, value: bytes, told: Told, letters: Collection[str] = ()
) -> tuple[bytes, bytes]:
    """Clean one message that waits to be sent; of the dead letters of these idempotency keys nothing stays."""
    body = orjson.loads(value)
    data = body.get("data", {})
    if topic == "feedback.deadletter":
        if data["idempotency_key"] not in letters:
            return key, value
        return b"", orjson.dumps({**body, "data": {**data, "payload": None, "sha256": None}})
    if data.get("source") in told.sources and data.get("event_id") in told.events:
        key = f"{data['source']}\n{told.events[data['event_id']]}".encode()
        body = {**body, "subject": told.subjects.get(body.get("subject"), body.get("subject"))}
    if topic.startswith("queue.") and "groups" in data:
        record = erased_digest(Digest.model_validate(data), told)
        return key, orjson.dumps({**body, "data": orjson.loads(record.model_dump_json())})
    again = cleaned(body, told)
    return key, value if again == body else orjson.dumps(again)


def cleaned(given: Any, told: Told) -> Any:  # noqa: ANN401 - any JSON
    """Put tokens wherever a field names the person, and leave its excerpts out of lists of them."""
    match given:
        case Mapping():
            if given.get("source", None) not in (None, *told.sources):
                return {name: cleaned(value, told) for name, value in given.items()}
            return {name: _field(name, value, told) for name, value in given.items()}
        case list() | tuple():
            return type(given)(cleaned(one, told) for one in given)
        case _:
            return given


def _field(name: str, value: Any, told: Told) -> Any:  # noqa: ANN401 - any JSON
    if name == "excerpts" and isinstance(value, list | tuple):
        return type(value)(one for one in value if not _is_mine(one, told))
    tokens: Mapping[str, str] = {
        "customer": told.refs,
        "subject": told.subjects,
        "event_id": told.events,
        "event_ids": told.events,
    }.get(name, {})
    if isinstance(value, str):
        return tokens.get(value, value)
    if tokens and isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return type(value)(tokens.get(one, one) for one in value)
    return cleaned(value, told)


def _is_mine(excerpt: Any, told: Told) -> bool:  # noqa: ANN401 - an excerpt, or its text alone
    if isinstance(excerpt, str):
        return excerpt in told.texts
    return isinstance(excerpt, Mapping) and (
        excerpt.get("event_id") in told.events or ("event_id" not in excerpt and excerpt.get("text") in told.texts)
    )
