"""What the oracle expects and what a run left behind -> every difference, by kind."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.core.records.words import Severity
from tests.chaos.notices import Peace, faults
from tests.chaos.outcome import Outcome, Row
from tests.oracle import Expected

_PER_RUN = ("verdict", "alert_id", "reason")
_ALERT = ("key", "members", "severity", "events", "customers")
# Kinds without members of their own, of which it is also compared whether they are open.
_WATCHED = ("late_case", "at_risk")


class Kind(StrEnum):
    """What may be wrong; each is counted per million events, and none is to be."""

    LOST = "lost"
    DUPLICATED = "duplicated"
    WRONG = "wrong_counts"
    ALERTS_DOUBLED = "alerts_doubled"
    NOTICES_DOUBLED = "notices_doubled"
    NOTICES_MISSING = "notices_missing"
    NOTICES_WRONG = "notices_wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    kind: Kind
    what: str


@dataclass(slots=True, kw_only=True)
class Findings:
    """What was found. `unclaimed` alerts and `swayed` events were left out: no law says where these end."""

    found: list[Finding] = dataclasses.field(default_factory=list)
    unclaimed: int = 0
    swayed: int = 0

    def counts(self) -> Mapping[str, int]:
        counted = Counter(one.kind for one in self.found)
        return {kind.value: counted[kind] for kind in Kind}


def compare(expected: Expected, outcome: Outcome, peace: Peace) -> Findings:
    """Hold everything that a run left behind against the oracle and against itself."""
    found = [
        *_positions(outcome),
        *_books(expected, outcome),
        *_dead_letters(expected, outcome),
        *_feedback(expected, outcome),
        *_subjects(expected, outcome),
        *_alerts(expected, outcome),
        *_recount(outcome),
        *_notices(outcome),
        *(Finding(kind=Kind.NOTICES_WRONG, what=what) for what in faults(outcome, peace)),
        *_classified(outcome),
        *_reviews(outcome),
    ]
    return Findings(found=found, unclaimed=len(expected.unclaimed | expected.passing), swayed=len(expected.swayed))


def _positions(outcome: Outcome) -> Iterator[Finding]:
    """Each partition's batches follow one another without a gap and without an overlap."""
    reached: dict[tuple[str, int], int] = {}
    for batch in outcome.batches:
        place = (batch["topic"], batch["partition"])
        first, due = batch["first_offset"], reached.get(place, 0)
        if first > due:
            yield Finding(kind=Kind.LOST, what=f"{place}: offsets {due} to {first} are in no batch")
        if first < due:
            yield Finding(kind=Kind.DUPLICATED, what=f"{place}: offsets {first} to {due} are in two batches")
        reached[place] = max(due, batch["next_offset"])


def _books(expected: Expected, outcome: Outcome) -> Iterator[Finding]:
    books = outcome.books
    wanted = {
        "consumed": expected.consumed,
        "accepted": expected.accepted,
        "duplicate": expected.duplicate,
        "superseded": expected.superseded,
        "rejected": len(expected.rejected),
        "verdicts": expected.accepted,
    }
    had = {
        "consumed": books.consumed,
        "accepted": books.accepted,
        "duplicate": books.duplicate,
        "superseded": books.superseded,
        "rejected": sum(books.rejected.values()),
        "verdicts": sum(books.verdicts.values()),
    }
    for name, count in wanted.items():
        if had[name] != count:
            yield Finding(kind=Kind.WRONG, what=f"books: {name} is {had[name]}, not {count}")


def _dead_letters(expected: Expected, outcome: Outcome) -> Iterator[Finding]:
    stored = Counter((one["topic"], one["partition"], one["offset"]) for one in outcome.dead_letters)
    told = Counter((one["topic"], one["partition"], one["offset"]) for one in outcome.told.of("feedback.deadletter"))
    wanted = Counter(dict.fromkeys(expected.rejected, 1))
    for where, there in (("database", stored), ("topic", told)):
        yield from _differences(f"dead letter in the {where}", wanted, there)
    for one in outcome.dead_letters:
        place = (one["topic"], one["partition"], one["offset"])
        why = expected.rejected.get(place)
        if why is not None and why != (one["stage"], one["reason"]):
            yield Finding(kind=Kind.WRONG, what=f"dead letter {place}: {one['stage']}.{one['reason']}, not {why}")


def _feedback(expected: Expected, outcome: Outcome) -> Iterator[Finding]:
    stored = Counter((row["source"], row["event_id"]) for row in outcome.feedback)
    yield from _differences("feedback", Counter(dict.fromkeys(expected.feedback, 1)), stored)
    for row in outcome.feedback:
        # What a revision that no longer holds was worth hangs on what had arrived by then: only its being there counts.
        name = (row["source"], row["event_id"])
        wanted = expected.feedback.get(name) if name in expected.current else None
        had = {field: value for field, value in row.items() if field not in _PER_RUN}
        if row["verdict"] not in expected.verdicts.get(name, ()):
            allowed = sorted(expected.verdicts.get(name, ()))
            yield Finding(kind=Kind.WRONG, what=f"feedback {name}: the verdict is {row['verdict']}, not of {allowed}")
        if wanted is not None and had != wanted:
            fields = sorted(field for field in {*had, *wanted} if had.get(field) != wanted.get(field))
            said = ", ".join(f"{field} is {had.get(field)!r}, not {wanted.get(field)!r}" for field in fields)
            yield Finding(kind=Kind.WRONG, what=f"feedback {row['source']} {row['event_id']}: {said}")


def _subjects(expected: Expected, outcome: Outcome) -> Iterator[Finding]:
    for name, revision in expected.holding.items():
        had = outcome.subjects.get(name)
        if had != revision:
            yield Finding(kind=Kind.WRONG, what=f"subject {name}: revision {had} holds, not {revision}")


def _alerts(expected: Expected, outcome: Outcome) -> Iterator[Finding]:
    wanted = _by_key(expected.alerts, expected)
    had = _by_key(outcome.alerts, expected)
    for key in sorted({*wanted, *had}):
        mine, theirs = wanted.get(key, []), had.get(key, [])
        if len(theirs) > len(mine):
            yield Finding(kind=Kind.ALERTS_DOUBLED, what=f"alert {key}: {theirs}, not {mine}")
        elif len(theirs) < len(mine):
            yield Finding(kind=Kind.LOST, what=f"alert {key}: {theirs}, not {mine}")
        elif not all(_agree(one, other) for one, other in zip(theirs, mine, strict=True)):
            yield Finding(kind=Kind.WRONG, what=f"alert {key}: {theirs}, not {mine}")


def _by_key(alerts: Sequence[Row], expected: Expected) -> dict[str, list[dict[str, Any]]]:
    """Arrange alerts by key, without what no law speaks of.

    Whether an alert that lost all it held was ever opened hangs on the order of arrival; so does where a swayed subject
    ended, which is therefore taken out of what it is in, and whether a case that passes was late before it ended.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for alert in alerts:
        if alert["key"] in expected.unclaimed:
            continue
        if alert["kind"] in _WATCHED:
            is_open = alert["state"] == "open"
            if is_open or (alert["events"] and alert["key"] not in expected.passing):
                row = {name: alert[name] for name in (*_ALERT, "state")}
                found.setdefault(alert["key"], []).append(row | {"whole": True})
            continue
        members = sorted(set(alert["members"]) - expected.swayed)
        if members or alert["kind"] == "volume":
            named = (*_ALERT, "state") if alert["kind"] == "event" else _ALERT
            row = {name: alert[name] for name in named} | {"members": members}
            found.setdefault(alert["key"], []).append(row | {"whole": len(members) == len(alert["members"])})
    return {key: sorted(rows, key=_order) for key, rows in found.items()}


def _order(row: Row) -> tuple[list[str], str]:
    return (row["members"], row.get("state", ""))


def _agree(one: Row, other: Row) -> bool:
    """Compare two alerts: all of them where nothing was taken out, else their members."""
    names = (*_ALERT, "state") if one["whole"] and other["whole"] else ("key", "members")
    return all(one.get(name) == other.get(name) for name in names)


def _recount(outcome: Outcome) -> Iterator[Finding]:
    """A cached count is what its rows add up to, and one alert at most is open under a key."""
    for row in outcome.recount:
        had = (row["events"], row["customers"], row["severity"] if row["member_severities"] else None)
        worst = max(row["member_severities"], key=lambda severity: Severity(severity).rank, default=None)
        real = (row["member_events"], row["member_customers"], worst)
        if row["kind"] == "event" and had != real:
            yield Finding(kind=Kind.WRONG, what=f"alert {row['alert_id']}: says {had}, its members make {real}")
    for key, count in Counter(row["alert_key"] for row in outcome.recount if row["state"] == "open").items():
        if count > 1:
            yield Finding(kind=Kind.ALERTS_DOUBLED, what=f"alert {key}: {count} are open")


def _notices(outcome: Outcome) -> Iterator[Finding]:
    """Each notice is in its team's topic once, in order and without a gap, and every open alert was told of."""
    stored = Counter((row["team"], row["alert_id"], row["revision"]) for row in outcome.notices)
    queued = outcome.told.of("queue.", "feedback.notice.v1")
    told = Counter((row["team"], row["alert_id"], row["revision"]) for row in queued)
    for name, count in (stored - told).items():
        yield Finding(kind=Kind.NOTICES_MISSING, what=f"notice {name}: {count} missing in the topic")
    for name, count in (told - stored).items():
        yield Finding(kind=Kind.NOTICES_DOUBLED, what=f"notice {name}: {count} too many in the topic")
    known = {row["alert_id"] for row in outcome.recount}
    revisions: dict[str, list[int]] = {}
    for row in outcome.notices:
        revisions.setdefault(row["alert_id"], []).append(row["revision"])
    for alert_id, numbers in revisions.items():
        if alert_id not in known:
            yield Finding(kind=Kind.NOTICES_DOUBLED, what=f"notices of no alert: {alert_id}")
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield Finding(kind=Kind.NOTICES_MISSING, what=f"alert {alert_id}: revisions {sorted(numbers)}")
    last: dict[tuple[str, str], int] = {}
    for row in queued:
        place = (row["team"], row["alert_id"])
        if row["revision"] < last.get(place, 0):
            yield Finding(kind=Kind.WRONG, what=f"notices of {place}: {row['revision']} after {last[place]}")
        last[place] = row["revision"]
    for row in outcome.owed:
        yield Finding(kind=Kind.NOTICES_MISSING, what=f"alert {row['alert_id']} is open and nobody was told")


def _classified(outcome: Outcome) -> Iterator[Finding]:
    """Each version of each decision was sent once; what is only recorded is not sent."""
    said = Counter((row["source"], row["event_id"], row["revision"]) for row in outcome.told.of("feedback.classified"))
    decided = {(row["source"], row["event_id"]) for row in outcome.feedback if row["verdict"] != "recorded"}
    wanted = Counter(
        (*name, revision)
        for name, version in outcome.versions.items()
        if name in decided
        for revision in range(1, version + 1)
    )
    yield from _differences("classified record", wanted, said)


def _reviews(outcome: Outcome) -> Iterator[Finding]:
    """Each review that was opened, raised or closed was sent once."""
    said = Counter(row["idempotency_key"] for row in outcome.told.of("feedback.reviews"))
    changes = {"opened": "opened", "raised": "opened", "closed": "closed"}
    wanted = Counter(
        f"{row['alert_id']}:{(row['hours'] or [row['window_end']])[-1]}:{changes[row['transition']]}"
        for row in outcome.reviews
        if row["transition"] in changes and row["alert_id"] is not None
    )
    yield from _differences("review record", wanted, said)


def _differences(what: str, wanted: Counter[Any], had: Counter[Any]) -> Iterator[Finding]:
    for name, count in (wanted - had).items():
        yield Finding(kind=Kind.LOST, what=f"{what} {name}: {count} missing")
    for name, count in (had - wanted).items():
        yield Finding(kind=Kind.DUPLICATED, what=f"{what} {name}: {count} too many")
