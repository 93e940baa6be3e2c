"""Silences, what they hide, and what one would have hidden -> the documents that clients read."""

from collections.abc import Mapping
from datetime import datetime

from service.api.shown import Shown, Utc
from service.core.describe import title
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.muting import Hidden, Silence
from service.core.records.words import AlertState, Severity, SilenceEnd
from service.core.silence import SilenceState, most_hidden, state_of
from service.ports import Part, Previewed


class HiddenShown(Shown):
    """What is held back: alerts, their events and customers. `customers_lately` are those of the last 24 hours."""

    alerts: int
    events: int
    customers: int
    customers_lately: int
    worst: Severity


class BreaksShown(Shown):
    """What breaks a silence: more customers within 24 hours than `customers`, or this severity; `used` is how near."""

    customers: float
    used: float
    severity: Severity | None


class EndShown(Shown):
    """When a silence ended and how; `by` is who lifted it."""

    at: Utc
    how: SilenceEnd
    by: str | None


class SilenceShown(Shown):
    """`revision` is what a change must name. `baseline` are the customers of the 24 hours before it was made.

    `hidden` is what it hides now or, once it has ended, hid until then.
    """

    silence_id: str
    state: SilenceState
    matchers: Mapping[str, tuple[str, ...]]
    by: str
    reason: str
    revision: int
    created_at: Utc
    starts_at: Utc
    ends_at: Utc
    extended_by: str | None
    including_critical: bool
    growth: float
    baseline: int
    breaks: BreaksShown
    hidden: HiddenShown
    end: EndShown | None


class PartShown(Shown):
    alerts: int
    events: int
    customers: int


class ExampleShown(Shown):
    """One alert; the counts are of what came in the time that was looked at, or of all where it is open now."""

    alert_id: str
    title: str
    team: str
    state: AlertState
    severity: Severity
    events: int
    customers: int


class OpenShown(Shown):
    """What is open now and would be held back; `examples` are the worst, at most twenty."""

    alerts: int
    examples: tuple[ExampleShown, ...]


class PreviewShown(Shown):
    """What a silence would have hidden from `since` until now.

    `interrupts` counts the notices that would have been held back; `critical_told` those of critical news, which would
    not. `examples` are the worst, at most twenty. `growth_breaks_above` and `severity_breaks_at` are what would break
    it.
    """

    since: Utc
    alerts: int
    events: int
    customers: int
    worst: Severity
    by_team: Mapping[str, PartShown]
    interrupts: int
    critical_told: int
    examples: tuple[ExampleShown, ...]
    open_now: OpenShown
    growth_breaks_above: float
    severity_breaks_at: Severity | None


def show_hidden(hidden: Hidden) -> HiddenShown:
    return HiddenShown(
        alerts=hidden.alerts,
        events=hidden.events,
        customers=hidden.customers,
        customers_lately=hidden.lately,
        worst=hidden.worst,
    )


def show_silence(silence: Silence, now: datetime) -> SilenceShown:
    most = most_hidden(silence)
    end = None
    if silence.ended_at is not None and silence.ended_by is not None:
        end = EndShown(at=silence.ended_at, how=silence.ended_by, by=silence.lifted_by)
    return SilenceShown(
        silence_id=silence.silence_id,
        state=state_of(silence, now),
        matchers=silence.matchers,
        by=silence.author,
        reason=silence.reason,
        revision=silence.revision,
        created_at=silence.created_at,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        extended_by=silence.extended_by,
        including_critical=silence.including_critical,
        growth=silence.growth,
        baseline=silence.baseline,
        breaks=BreaksShown(customers=most, used=round(silence.hidden.lately / most, 4), severity=silence.breaks_at),
        hidden=show_hidden(silence.hidden),
        end=end,
    )


def show_preview(seen: Previewed, wished: Silence | None, since: datetime, rules: Rules) -> PreviewShown:
    """Show what `wished`, the silence as it would be made, would have hidden."""
    return PreviewShown(
        since=since,
        alerts=seen.whole.alerts,
        events=seen.whole.events,
        customers=seen.whole.customers,
        worst=seen.worst,
        by_team={team: _part(part) for team, part in seen.by_team.items()},
        interrupts=seen.interrupts,
        critical_told=seen.passing,
        examples=tuple(_example(one.alert, one.events, one.customers, rules) for one in seen.examples),
        open_now=OpenShown(
            alerts=seen.open_now,
            examples=tuple(_example(one, one.events, one.customers, rules) for one in seen.open_examples),
        ),
        growth_breaks_above=most_hidden(wished) if wished is not None else 0.0,
        severity_breaks_at=wished.breaks_at if wished is not None else None,
    )


def _part(part: Part) -> PartShown:
    return PartShown(alerts=part.alerts, events=part.events, customers=part.customers)


def _example(alert: Alert, events: int, customers: int, rules: Rules) -> ExampleShown:
    return ExampleShown(
        alert_id=alert.alert_id,
        title=title(alert, rules.labels, rules.processes),
        team=alert.team,
        state=alert.state,
        severity=alert.severity,
        events=events,
        customers=customers,
    )
