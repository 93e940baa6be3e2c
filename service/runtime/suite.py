"""A playbook's own test cases -> what each one found that it did not expect; the same pipeline as live, on a clock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import orjson

from service.core.pipeline.read import ReadRecord, Taken, read_taken, take, take_payload
from service.core.pipeline.rules import Rules
from service.core.playbook.suite import Case
from service.core.pseudonym import PseudonymKey
from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead, Message, Reading
from service.core.records.muting import Silence
from service.ports import Archive, Saving, Store
from service.runtime.replay import BEGINNING, in_order, replay

# Long enough for the first notices, short of any reminder.
_DEFAULT_RUN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The differences of one case, in words; none means that it passed."""

    case: str
    differences: tuple[str, ...]


class CaseStore(Store, Archive, Protocol):
    """What a case runs on: a store that can be read back."""


async def run_case(case: Case, rules: Rules, key: PseudonymKey, new_store: Callable[[], CaseStore]) -> Outcome:
    """Run one case on a fresh store and compare what it states; what it does not state is not looked at."""
    store = new_store()
    unsorted = _records(case, rules, key)
    await _silence(store, case, rules)
    await replay(store, in_order(unsorted), rules, case.run_for or _DEFAULT_RUN)
    lines = {(line["source"], line["event_id"]): line async for line in store.feedback()}
    differences: list[str] = []
    if case.verdicts is not None:
        found = _verdicts(unsorted, lines)
        if found != list(case.verdicts):
            differences.append(f"verdicts: expected {', '.join(case.verdicts)}; found {', '.join(found)}")
    if case.alerts is not None:
        alerts = [alert async for alert in store.alerts()]
        wanted = [one.model_dump(exclude_none=True) for one in case.alerts]
        differences += _unmatched("alert", wanted, alerts, exhaustive=True)
    if case.notices is not None:
        notices = [notice async for notice in store.notices()]
        stated = [one.model_dump(mode="json", exclude_none=True) for one in case.notices]
        differences += _unmatched("notice", stated, notices, exhaustive=True)
    return Outcome(case=case.name, differences=tuple(differences))


async def _silence(store: Store, case: Case, rules: Rules) -> None:
    """Put the silences of a case in before anything happens."""
    facts = Facts()
    for number, one in enumerate(case.silences, start=1):
        silence = Silence(
            silence_id=f"silence-{number}",
            matchers=one.matchers,
            author=case.name,
            reason=one.reason,
            created_at=one.from_,
            starts_at=one.from_,
            ends_at=one.until,
            including_critical=one.including_critical,
            growth=one.growth,
            breaks_at=one.breaks_at,
            baseline=one.baseline,
        )
        facts.silences.put(silence.silence_id, silence)
    if case.silences:
        async with store.transaction() as transaction:
            await transaction.save(Saving(facts=facts, digest=rules.digest, now=BEGINNING))


def _records(case: Case, rules: Rules, key: PseudonymKey) -> list[ReadRecord]:
    found: list[Taken] = []
    for number, given in enumerate(case.events, start=1):
        event = dict(given.event)
        if given.at is not None and given.source is None:
            event["time"] = given.at.isoformat()
        message = Message(
            topic="", partition=0, offset=number, key=None, value=orjson.dumps(event), received_at=given.at or BEGINNING
        )
        source = rules.sources[given.source] if given.source is not None else None
        found.extend(take(message, rules, key) if source is None else take_payload(message, source, rules, key))
    return list(read_taken(found, rules))


def _verdicts(records: Sequence[ReadRecord], lines: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """Name what became of each record, in the order in which the case lists them."""
    used: set[tuple[str, str]] = set()
    verdicts: dict[tuple[int, int], str] = {}
    for record in in_order(records):
        place = (record.message.offset, record.item)
        if not isinstance(record.read, Reading):
            verdicts[place] = f"rejected({record.read.reason})"
            continue
        name = (record.read.source, record.read.event_id)
        line = lines.get(name)
        is_feedback = isinstance(record.read.said, FeedbackRead)
        undecided = "superseded" if is_feedback else "recorded"
        verdicts[place] = "duplicate" if name in used else str(line["verdict"]) if line is not None else undecided
        used.add(name)
    return [verdicts[record.message.offset, record.item] for record in records]


def _unmatched(
    what: str, wanted: Iterable[Mapping[str, Any]], found: Iterable[Mapping[str, Any]], *, exhaustive: bool
) -> list[str]:
    left = list(found)
    differences: list[str] = []
    for one in wanted:
        match = next((each for each in left if all(each.get(name) == value for name, value in one.items())), None)
        if match is None:
            differences.append(f"{what}: expected {_said(one)}; there is none")
        else:
            left.remove(match)
    if exhaustive:
        differences += [f"{what}: unexpected {_said(one)}" for one in left]
    return differences


def _said(one: Mapping[str, Any]) -> str:
    shown = ("at", "team", "reason", "kind", "category", "severity", "state", "level", "events", "customers")
    return ", ".join(f"{name} {one[name]}" for name in shown if one.get(name) is not None)
