"""What teams were told, and what their playbook promises -> each notice that is wrong, and each that is missing.

All is told anew from the notices themselves: what a team knew before each, whether it may have heard it at that hour,
how often it was interrupted. That a critical alert is told at once is seen by the words with which it first is, since a
notice that waited for something says so.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.core.records.alerts import Notice
from service.core.records.words import AlertState, NoticeReason, RungKind, Severity, Verdict, Wait
from tests.chaos.outcome import Outcome
from tests.oracle.calendars import Budget, Hours

_ENDS = (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN)
# What interrupts nobody, or is somebody else's alert that was overdue.
_UNCOUNTED = (*_ENDS, NoticeReason.DIGEST, NoticeReason.UNMUTED, NoticeReason.ESCALATED)
_AT_ONCE = (
    NoticeReason.OPENED,
    NoticeReason.REOPENED,
    NoticeReason.OWNER_CHANGED,
    NoticeReason.SEVERITY_INCREASED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peace:
    """What the teams' playbook promises them: when they are left in peace, and how often they are interrupted."""

    quiet: Mapping[str, Hours]
    budgets: Mapping[str, Budget]


def faults(outcome: Outcome, peace: Peace) -> Iterator[str]:
    """Name everything that is wrong with the notices of a run."""
    courses: dict[str, list[Notice]] = {}
    for one in sorted(outcome.said, key=lambda one: one.revision):
        courses.setdefault(one.alert.alert_id, []).append(one)
    fresh = {(one.alert.alert_id, one.revision) for course in courses.values() for one in _critical_news(course)}
    yield from _critical(outcome, courses, fresh)
    yield from _critical_rows(outcome)
    yield from _ended(outcome, courses)
    yield from _budgets(outcome.said, fresh, peace)
    yield from _quiet(outcome.said, fresh, peace)
    yield from _released(outcome, courses)
    yield from _ladders(courses)
    yield from _digests(outcome)


def _critical_news(course: Sequence[Notice]) -> Iterator[Notice]:
    """Name the notices by which the alert's team heard first that it is critical."""
    told: Notice | None = None
    for one in course:
        if one.reason is NoticeReason.ESCALATED or (told is not None and _is_echo(one, told)):
            continue
        critical = one.alert.severity is Severity.CRITICAL and one.alert.state is AlertState.OPEN
        known = (
            told is not None
            and told.alert.severity is Severity.CRITICAL
            and told.alert.state is AlertState.OPEN
            and told.team == one.team
        )
        if critical and not known:
            yield one
        told = one


def _is_echo(one: Notice, told: Notice) -> bool:
    """Whether it tells the end, which the alert's team has heard, to a team that its ladder had called."""
    return one.reason in _ENDS and told.reason is one.reason and told.at == one.at


def _critical(outcome: Outcome, courses: dict[str, list[Notice]], fresh: set[tuple[str, int]]) -> Iterator[str]:
    """Law 3: what is critical waits for nothing, and is told or was told before."""
    for course in courses.values():
        for one in course:
            if (one.alert.alert_id, one.revision) not in fresh or one.reason in _AT_ONCE:
                continue
            if one.reason is not NoticeReason.DIGEST or one.held is not None:
                yield f"{_name(one)} says first that it is critical, as {one.reason.value}"
    for alert in outcome.kept:
        if alert.state is not AlertState.OPEN or alert.severity is not Severity.CRITICAL or alert.digest_only:
            continue
        announced = alert.announced
        silenced = alert.held is not None and alert.held.why is Wait.SILENCED
        if not silenced and (announced is None or announced.severity is not Severity.CRITICAL):
            yield f"alert {alert.alert_id} is open and critical, and nobody was told so"


def _critical_rows(outcome: Outcome) -> Iterator[str]:
    """Say of each critical feedback whether its alert was told to be critical; what opened it, at that very instant."""
    told: dict[str, datetime] = {}
    for one in outcome.said:
        if one.alert.severity is Severity.CRITICAL:
            told[one.alert.alert_id] = min(one.at, told.get(one.alert.alert_id, one.at))
    opened = {alert.alert_id: alert.opened_at for alert in outcome.kept}
    for row in outcome.feedback:
        # What was found to be critical later is told with what made it so.
        if row["severity"] != "critical" or outcome.versions.get((row["source"], row["event_id"])) != 1:
            continue
        alert_id, verdict = row["alert_id"], row["verdict"]
        if verdict in (Verdict.INHIBITED, Verdict.HELD):
            yield f"critical {row['event_id']} was {verdict}"
        elif verdict in (Verdict.OPENED, Verdict.MERGED) and alert_id not in told:
            yield f"critical {row['event_id']} is in {alert_id}, which was never told to be critical"
        elif verdict == Verdict.OPENED and told[alert_id] != opened[alert_id]:
            yield f"critical {row['event_id']} opened {alert_id} at {opened[alert_id]}, told at {told[alert_id]}"


def _ended(outcome: Outcome, courses: dict[str, list[Notice]]) -> Iterator[str]:
    """What was told to be open is told to be over, to all who were told, or has a time at which it will be."""
    for alert in outcome.kept:
        told = alert.announced
        open_yet = told is not None and told.state is AlertState.OPEN
        if alert.state is AlertState.RESOLVED and open_yet and alert.timer_at is None:
            yield f"alert {alert.alert_id} is over, and {told.team if told else ''} was not told"
    for course in courses.values():
        called: set[str] = set()
        for at, one in enumerate(course):
            if one.reason is NoticeReason.ESCALATED:
                called.add(one.team)
            elif one.reason in _ENDS:
                heard = {other.team for other in course[at:] if other.reason is one.reason and other.at == one.at}
                if missing := called - heard:
                    yield f"{_name(one)}: {sorted(missing)} were called and did not hear of the end"
                called = set()


def _budgets(said: Sequence[Notice], fresh: set[tuple[str, int]], peace: Peace) -> Iterator[str]:
    """Count each team's interrupts; one from a stretch that is over counts against the one that has begun since."""
    used: dict[tuple[str, str], tuple[datetime, int]] = {}
    for one in said:
        budget = peace.budgets.get(one.team)
        if budget is None or one.reason in _UNCOUNTED or (one.alert.alert_id, one.revision) in fresh:
            continue
        for name, began, limit in budget.stretches(one.at):
            latest, count = used.get((one.team, name), (began, 0))
            used[one.team, name] = (began, 1) if began > latest else (latest, count + 1)
            if used[one.team, name][1] > limit:
                since = used[one.team, name][0].isoformat()
                yield f"{_name(one)} is beyond what {one.team} takes {name}: more than {limit} since {since}"


def _quiet(said: Sequence[Notice], fresh: set[tuple[str, int]], peace: Peace) -> Iterator[str]:
    for one in said:
        hours = peace.quiet.get(one.team)
        passes = one.reason in (*_ENDS, NoticeReason.DIGEST) or (one.alert.alert_id, one.revision) in fresh
        passes = passes or (one.reason is NoticeReason.ESCALATED and one.alert.severity is Severity.CRITICAL)
        if hours is not None and not passes and hours.quiet(one.at):
            yield f"{_name(one)} came in the quiet hours of {one.team}, at {one.at.isoformat()}"


def _released(outcome: Outcome, courses: dict[str, list[Notice]]) -> Iterator[str]:
    """What held something back and has ended is asked for again, and told once."""
    for alert in outcome.kept:
        taken = alert.acked_until is not None and alert.repeat_at == alert.acked_until
        if alert.held_by in outcome.over and alert.state is AlertState.OPEN and alert.flush_at is None and not taken:
            yield f"alert {alert.alert_id} waits for {alert.held_by}, which has ended"
    for course in courses.values():
        told = [one.held for one in course if one.reason is NoticeReason.UNMUTED and one.held is not None]
        holds = [(one.why, one.by, one.since) for one in told]
        for hold, count in Counter(holds).items():
            if count > 1:
                yield f"alert {course[0].alert.alert_id} was told {count} times after {hold}"


def _ladders(courses: dict[str, list[Notice]]) -> Iterator[str]:
    for course in courses.values():
        climbed: Counter[tuple[object, ...]] = Counter()
        for one in course:
            if one.reason is not NoticeReason.ESCALATED or one.rung is None:
                continue
            rung = one.rung
            climbed[rung.kind, rung.level, rung.to, rung.since] += 1
            if one.alert.state is not AlertState.OPEN:
                yield f"{_name(one)} escalates what is over"
            acked = one.alert.acked_until
            if rung.kind is not RungKind.RESOLVE and acked is not None and one.at < acked:
                yield f"{_name(one)} escalates what somebody has taken"
        for rung_, count in climbed.items():
            if count > 1:
                yield f"alert {course[0].alert.alert_id}: {rung_} was climbed {count} times"


def _digests(outcome: Outcome) -> Iterator[str]:
    """Each digest is on its topic once, and tells of the alerts of the notices that name it."""
    stored = {row["digest_id"]: row["document"] for row in outcome.digests}
    sent = Counter(row["digest_id"] for row in outcome.told.of("queue.", "feedback.digest.v1"))
    for name, count in (Counter(stored.keys()) - sent).items():
        yield f"digest {name}: {count} missing in the topic"
    for name, count in (sent - Counter(stored.keys())).items():
        yield f"digest {name}: {count} too many in the topic"
    named: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for one in outcome.said:
        if one.digest_id is not None:
            alert_id = one.alert.alert_id
            named[one.digest_id][alert_id] = max(named[one.digest_id].get(alert_id, 0), one.revision)
        elif one.reason is NoticeReason.DIGEST:
            yield f"{_name(one)} is for a digest and in none"
    for name in {*stored, *named}:
        if name not in stored:
            yield f"digest {name} is named by notices and is nowhere"
            continue
        told = {each["alert_id"]: each["revision"] for group in stored[name]["groups"] for each in group["alerts"]}
        wanted = named.get(name, {})
        if stored[name]["totals"]["alerts"] != len(wanted) or not told.items() <= wanted.items():
            yield f"digest {name} tells of {told}, and {wanted} name it"


def _name(one: Notice) -> str:
    return f"notice {one.alert.alert_id}:{one.revision} ({one.reason.value})"
