"""What holds for any input, whoever thought it up: one function a promise, shared by properties and fuzz targets."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import orjson
from msgspec import Struct

from service.adapters.memory import MemoryDesk, MemoryStore
from service.adapters.playbook_files import Loaded, format_faults, load_text
from service.app.instruments import INSTRUMENTS
from service.core.contracts.faults import FaultReason
from service.core.contracts.values import IDENTITY_BYTES, YEARS
from service.core.mapping import CompiledSource
from service.core.mapping.expressions import VARIABLE, fields_read, run_all
from service.core.pipeline.cleaning import MOST_CHARACTERS
from service.core.pipeline.read import ReadRecord, read, read_payload
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.conditions import SAMPLE, Condition, ConditionFault, Held, compile_condition
from service.core.playbook.expressions import Program, compile_expression
from service.core.records.feedback import FeedbackRead, Message, Reading, Rejected
from service.core.records.words import Stage
from service.core.redact import redact
from service.runtime.explain import Explainer
from tests.builders import KEY, finish
from tests.fuzz.examples import SECRET

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MOST_DETAIL = 500

_BIGINT = range(-(2**63), 2**63)
# A placeholder is longer than the shortest thing that it stands for.
_LENGTHENED = 3
_LONG = "late \u00e4" * 70
_FACTS: tuple[Mapping[str, Any], ...] = (
    {},
    SAMPLE,
    {name: _LONG if isinstance(value, str) else value for name, value in SAMPLE.items()}
    | {"labels": [_LONG] * 100, "categories": ["a"] * 3, "attributes": {str(at): _LONG[:200] for at in range(30)}},
    {"score": float("inf"), "labels": [""], "attributes": {"a": ""}},
)
_RECORDS: tuple[Mapping[str, Any], ...] = (
    {},
    {"a": list(range(2_400)), "b": list(range(2_400)), "s": "a" * 60_000, "n": -(2**63), "u": 2**64 - 1, "f": 1.7e308},
    {"a": [[1] * 400] * 400, "b": {str(at): at for at in range(3_000)}, "s": "\u00e4" * 1_000, "n": None, "f": True},
)


def keeps_reading(
    value: bytes | None,
    headers: tuple[tuple[str, bytes], ...],
    rules: Rules,
    source: CompiledSource | None = None,
) -> tuple[ReadRecord, ...]:
    """Every record of a message is refused with a known reason, or can be decided, saved, told and explained."""
    message = Message(topic="t", partition=0, offset=0, key=None, value=value, headers=headers, received_at=NOON)
    records = read(message, rules, KEY) if source is None else read_payload(message, source, rules, KEY)
    assert records
    for record in records:
        if isinstance(record.read, Rejected):
            _is_a_sound_refusal(record.read)
        else:
            _can_be_kept(record.read)
    if len(records) < 5:
        _can_be_decided(records, rules)
    return records


def keeps_redacting(text: str, region: str = "GB") -> str:
    """Nothing is left to find, and nothing grows without bound."""
    once = redact(text, region)
    assert redact(once.text, region).text == once.text
    assert len(once.text) <= _LENGTHENED * len(text)
    assert bool(once.classes) == (once.text != text)
    return once.text


def keeps_judging(text: str) -> Condition | ConditionFault:
    """An expression is refused with a sentence, or says yes, no or error of any feedback and any record."""
    condition = compile_condition(text)
    if isinstance(condition, Condition):
        for facts in _FACTS:
            assert condition.holds(facts) in Held
    else:
        _is_a_sentence(condition.message)
    program = compile_expression(text, variable=VARIABLE)
    if isinstance(program, Program):
        looped = fields_read([program]) if program.loops else frozenset[str]()
        for record in _RECORDS:
            assert run_all({"x": program}, dict(record), fields_read([program]), looped).keys() == {"x"}
    else:
        _is_a_sentence(program)
    return condition


def keeps_loading(documents: Mapping[str, str]) -> Loaded:
    """A playbook loads, compiles and is itself again, or every fault has a place and a message on one line."""
    loaded = load_text(documents)
    if loaded.playbook is None:
        assert loaded.faults
        assert (loaded.digest, loaded.text) == ("", "")
        for fault in loaded.faults:
            assert fault.line >= 1
            assert fault.column >= 1
            assert fault.message
        assert format_faults(loaded.faults).count("\n") == len(loaded.faults)
        return loaded
    assert loaded.faults == ()
    assert compile_playbook(loaded.playbook, instruments=INSTRUMENTS).digest == loaded.digest
    again = load_text({"row": loaded.text})
    assert (again.playbook, again.digest) == (loaded.playbook, loaded.digest)
    return loaded


def _is_a_sound_refusal(refused: Rejected) -> None:
    assert refused.reason in set(FaultReason)
    assert refused.stage in Stage
    assert len(refused.detail) <= MOST_DETAIL
    assert re.fullmatch(r"[ -~]+", refused.detail)
    assert SECRET not in refused.detail.casefold()


def _is_a_sentence(message: str) -> None:
    assert message
    assert len(message) < 2_000
    assert "\n" not in message


def _can_be_kept(reading: Reading) -> None:
    """Hold a reading to what PostgreSQL's text, bigint, float8 and timestamptz take, and its B-tree keys."""
    for held in _leaves(reading):
        match held:
            case str():
                held.encode()
                assert "\0" not in held
            case bool() | None:
                pass
            case int():
                assert held in _BIGINT
            case float():
                assert isfinite(held)
            case datetime():
                assert held.year in range(YEARS.start - 1, YEARS.stop + 1)
            case _:
                raise AssertionError(type(held))
    names = [reading.source, reading.event_id]
    if isinstance(reading.said, FeedbackRead):
        feedback = reading.said.feedback
        names.append(feedback.subject)
        assert len(feedback.text) <= MOST_CHARACTERS
        assert feedback.customer.startswith(("k1:", "anonymous:", "team:"))
        assert reading.said.signals.negativity is None or 0 <= reading.said.signals.negativity <= 1
    assert len("".join(names).encode()) <= IDENTITY_BYTES


def _can_be_decided(records: tuple[ReadRecord, ...], rules: Rules) -> None:
    store = MemoryStore()
    explainer = Explainer(store, rules, MemoryDesk(store))
    for record in records:
        said = finish(explainer.explain(record, NOON))
        assert said["outcome"] in {"rejected", "accepted", "duplicate", "superseded"}
        orjson.dumps(said)
    for row in store.rows.rows.values():
        for held in _leaves(row.document):
            assert not isinstance(held, float) or isfinite(held)


def _leaves(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any record of the core
    if is_dataclass(value) or isinstance(value, Struct):
        names = value.__struct_fields__ if isinstance(value, Struct) else [one.name for one in fields(value)]
        for name in names:
            yield from _leaves(getattr(value, name))
    elif isinstance(value, Mapping):
        for name, held in value.items():
            yield name
            yield from _leaves(held)
    elif isinstance(value, tuple | list):
        for held in value:
            yield from _leaves(held)
    else:
        yield value
