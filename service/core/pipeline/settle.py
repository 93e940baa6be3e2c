"""Judged records and loaded alerts -> alerts, notices, verdicts: the second half of DECIDE.

Before a record touches an alert, that alert's timers that are due are applied at their own time.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from service.core.alert import Placed, When, close, gates_behind, place
from service.core.assess import MOMENT
from service.core.describe import explanation, feedback_document, recorded_document
from service.core.flapping import observe
from service.core.pipeline.judge import Judged
from service.core.pipeline.muting import muted_verdict, mutes
from service.core.pipeline.rules import Rules
from service.core.pipeline.timers import conclude, fire, reschedule
from service.core.records.decisions import Contribution, Moved, Target
from service.core.records.facts import Facts, FeedbackRow
from service.core.records.feedback import Reading
from service.core.records.words import AlertState, Outcome, Reason, Severity, Verdict


class Settled(Struct, frozen=True, kw_only=True):
    """What became of one entry; `team` owns it, and `copies` counts the other alerts that it went to."""

    judged: Judged
    verdict: Verdict | None = None
    team: str | None = None
    copies: int = 0


def gates(judged: Iterable[Judged], rules: Rules) -> tuple[str, ...]:
    """Name the alert keys that these records may touch beside those of the memberships already loaded, sorted."""
    keys = {
        target.alert_key
        for one in judged
        for moved in one.moved
        if moved.contribution is not None
        for target in _targets(moved.contribution, rules)
    }
    return tuple(sorted(keys))


def owners(judged: Iterable[Judged], rules: Rules) -> frozenset[str]:
    """Name the teams that may get an alert by these records."""
    contributions = (moved.contribution for one in judged for moved in one.moved)
    return frozenset(target.team for one in contributions if one is not None for target in _targets(one, rules))


def settle(judged: Sequence[Judged], facts: Facts, rules: Rules) -> list[Settled]:
    """Fold the records in order into the alerts; the rows of accepted feedback and the notices are left in `facts`."""
    return [_settle_one(one, facts, rules) for one in judged]


def when_of(judged: Judged) -> When:
    """Return the times of a record: its `now`, and its event time."""
    now, read = judged.entry.now, judged.entry.read
    # No event is from the future: a source's wrong clock must not hold an alert open, or within reach, for ever.
    return When(now=now, at=min(read.occurred_at, now + MOMENT) if isinstance(read, Reading) else now)


def _settle_one(judged: Judged, facts: Facts, rules: Rules) -> Settled:
    now, feedback, when = judged.entry.now, judged.feedback, when_of(judged)
    if judged.outcome is not Outcome.ACCEPTED:
        _settle_others(judged.moved, facts, rules, when)
        return Settled(judged=judged)
    if feedback is None:
        _settle_others(judged.moved, facts, rules, when)
        return Settled(judged=judged, verdict=Verdict.RECORDED)
    moved = judged.own
    if moved is None:
        withdrawn = feedback.change.value == "withdraw"
        verdict = Verdict.UPDATED if withdrawn else Verdict.RECORDED
        reason = Reason.SUBJECT_CHANGED if withdrawn else Reason.NOT_FEEDBACK
        document = recorded_document(feedback, verdict, reason)
        _add_row(facts, judged, document, {})
        _settle_others(judged.moved, facts, rules, when)
        return Settled(judged=judged, verdict=verdict)
    own = _move(moved, facts, rules, when)
    _settle_others(judged.moved[1:], facts, rules, when)
    if moved.contribution is None:
        document = recorded_document(feedback, Verdict.UPDATED, Reason.WITHDRAWN)
        _add_row(facts, judged, document, {})
        return Settled(judged=judged, verdict=Verdict.UPDATED)
    verdict, reason = _verdict(moved.contribution, own, now, facts, rules)
    document = feedback_document(moved.contribution, verdict, reason, own.alert_id)
    _add_row(facts, judged, document, explanation(moved.contribution))
    current = facts.contributions.get(moved.key)
    if current is not None and current.feedback.event_id == feedback.event_id:
        facts.put_contribution(replace(current, verdict=verdict, reason=reason, alert_id=own.alert_id))
    return Settled(judged=judged, verdict=verdict, team=moved.contribution.routed.owner.team, copies=own.copies)


def _settle_others(moved: Iterable[Moved], facts: Facts, rules: Rules, when: When) -> None:
    for other in moved:
        _move(other, facts, rules, when)
        if other.contribution is not None:
            _patch(facts, other.contribution)


def _move(moved: Moved, facts: Facts, rules: Rules, when: When) -> Placed:
    # A clock that waits for other partitions may lag behind the record; what came before it in event time comes first.
    now = max(when.now, when.at)
    contribution, limits = moved.contribution, rules.playbook.fatigue
    targets = _targets(contribution, rules) if contribution is not None else ()
    in_play = {member.alert_id for member in facts.members_of(moved.key.source, moved.key.subject)}
    for target in targets:
        in_play |= {gate.alert_id for gate in gates_behind(facts, target.alert_key) if gate.alert_id is not None}
    for alert_id in sorted(in_play):
        fire(facts, alert_id, now, rules)
    stale = contribution is not None and _is_stale(contribution, when.now, rules)
    critical = contribution is not None and contribution.assessed.severity is Severity.CRITICAL
    again = _is_at_work_again(moved, facts) and when.now - when.at <= limits.stale_after
    placed = place(facts, moved, targets, when, limits, late=stale and not critical)
    for alert_id in placed.touched:
        _follow(facts, alert_id, placed.homes.get(alert_id), when, rules, stale=stale and not again)
    for alert_id in sorted(in_play):
        conclude(facts, alert_id, now, rules)
    return placed


def _follow(facts: Facts, alert_id: str, came: Reason | None, when: When, rules: Rules, *, stale: bool) -> None:
    """Ask anew for an alert that a record has changed; `came` says how the record's contribution got into it.

    A critical feedback that is too old to interrupt waits for the digest; a fresh one ends that. An alert without any
    work left is resolved, once what is critical about it was told.
    """
    alert = facts.alerts[alert_id]
    if came is not None:
        digest_only = stale and (alert.digest_only or came in (Reason.NEW_ALERT, Reason.REOPENED_ALERT))
        if digest_only != alert.digest_only:
            facts.alerts.put(alert_id, replace(alert, digest_only=digest_only))
    over = alert.state is AlertState.OPEN and alert.unfinished == 0
    state = AlertState.RESOLVED if over else alert.state
    seen = observe(facts.alerts[alert_id], state, when.now, rules.playbook.fatigue.flapping)
    facts.alerts.put(alert_id, seen)
    if not over or alert.severity is Severity.CRITICAL:
        reschedule(facts, alert_id, when.now, rules)
    if over:
        facts.alerts.put(alert_id, close(facts.alerts[alert_id], when.at))
        reschedule(facts, alert_id, when.now, rules)


def _verdict(
    contribution: Contribution, placed: Placed, now: datetime, facts: Facts, rules: Rules
) -> tuple[Verdict, Reason]:
    if not _worth_an_alert(contribution, contribution.routed.owner.route, rules):
        if placed.reason is Reason.WITHDRAWN:
            return Verdict.UPDATED, Reason.WITHDRAWN
        return Verdict.QUIET, Reason.BELOW_FLOOR if contribution.assessed.negative else Reason.NOT_NEGATIVE
    if _is_stale(contribution, now, rules):
        critical = contribution.assessed.severity is Severity.CRITICAL
        return Verdict.STALE, Reason.TOO_OLD_BUT_CRITICAL if critical else Reason.TOO_OLD
    if placed.alert_id is None:
        return Verdict.UPDATED, placed.reason
    critical = contribution.assessed.severity is Severity.CRITICAL
    muted = muted_verdict(mutes(facts.alerts[placed.alert_id], now, facts, rules, critical=critical))
    if muted is not None:
        return muted
    opened = placed.reason is Reason.NEW_ALERT
    return Verdict.OPENED if opened else Verdict.MERGED, placed.reason


def _worth_an_alert(contribution: Contribution, route: str, rules: Rules) -> bool:
    assessed = contribution.assessed
    return assessed.negative and assessed.severity.rank >= rules.floor(route).rank


def _is_stale(contribution: Contribution, now: datetime, rules: Rules) -> bool:
    return now - contribution.feedback.occurred_at > rules.playbook.fatigue.stale_after


def _is_at_work_again(moved: Moved, facts: Facts) -> bool:
    """Tell whether another record took back what had settled a contribution: that is as new as this record."""
    if moved.own or moved.contribution is None or moved.contribution.is_done:
        return False
    return any(one.key == moved.key and one.done for one in facts.members_of(moved.key.source, moved.key.subject))


def _targets(contribution: Contribution, rules: Rules) -> tuple[Target, ...]:
    """Name what a contribution concerns, the owner's first: each further match has a floor of its own."""
    routed = contribution.routed
    return tuple(one for one in (routed.owner, *routed.copies) if _worth_an_alert(contribution, one.route, rules))


def _add_row(facts: Facts, judged: Judged, document: dict[str, object], why: dict[str, object]) -> None:
    feedback = judged.feedback
    if feedback is not None:
        facts.rows[feedback.source, feedback.event_id] = FeedbackRow(
            source=feedback.source,
            event_id=feedback.event_id,
            received_at=feedback.received_at,
            document=document,
            explanation=why,
        )


def _patch(facts: Facts, again: Contribution) -> None:
    """Bring the row of a feedback that was assessed again up to date; its verdict stays as it was given."""
    feedback = again.feedback
    name = (feedback.source, feedback.event_id)
    row = facts.rows.get(name)
    verdict, reason, alert_id = again.verdict, again.reason, again.alert_id
    version = again.versions + 1
    if row is not None:
        version = row.version
        verdict, reason = Verdict(row.document["verdict"]), Reason(row.document["reason"])
        alert_id = row.document["alert_id"]
    if verdict is None or reason is None:
        return
    patched = FeedbackRow(
        source=feedback.source,
        event_id=feedback.event_id,
        received_at=feedback.received_at,
        document=feedback_document(again, verdict, reason, alert_id),
        explanation=explanation(again),
        version=version,
    )
    if row is not None:
        facts.rows[name] = patched
        return
    facts.patches[*name, feedback.received_at] = patched
    current = facts.contributions.get(again.key)
    if current is not None and current.feedback.event_id == feedback.event_id:
        facts.put_contribution(replace(current, versions=version))
