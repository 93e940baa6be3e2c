"""The alert that a team sees, the members that it counts, and the notices that tell of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from service.core.records.decisions import PartKey
from service.core.records.escalation import Escalation, Rung
from service.core.records.handling import Claim, Snooze
from service.core.records.muting import Flap, Held
from service.core.records.words import AlertKind, AlertState, Disposition, Flag, Level, NoticeReason, Severity

_WORST_FIRST = tuple((severity, severity.rank) for severity in reversed(Severity))


class Gate(Struct, frozen=True, kw_only=True):
    """The one permanent row of an alert key: the latest alert under it and how many there have been.

    `forward` is the key to which that alert was moved, for as long as no later one has opened here.
    """

    alert_key: str
    alert_id: str | None = None
    episodes: int = 0
    forward: str | None = None


class Member(Struct, frozen=True, kw_only=True):
    """What one contribution put into one alert, so that it can be taken out exactly."""

    key: PartKey
    alert_id: str
    alert_key: str
    copy: bool
    event_id: str
    customer: str
    instance_id: str | None
    severity: Severity
    score: float
    done: bool
    team: str


class Excerpt(Struct, frozen=True, kw_only=True):
    """A redacted piece of what a customer wrote, at most 280 characters, with its severity score for the order."""

    event_id: str
    score: float
    text: str


class Announced(Struct, frozen=True, kw_only=True):
    """What the team was last told of the alert."""

    at: datetime
    state: AlertState
    severity: Severity
    customers: int
    team: str
    level: Level | None = None


class Step(Struct, frozen=True, kw_only=True):
    """One step of a review: by when it is asked for, if it is, and who took it when, with their words (redacted)."""

    due_at: datetime | None = None
    taken_at: datetime | None = None
    by: str | None = None
    text: str | None = None


class FollowUp(Struct, frozen=True, kw_only=True):
    """What people do about a review, and whether it has helped.

    `recurred` counts how often it came back after it was acted on, `previous` is the alert that it came back from where
    that one could not be reopened any more. `verified_at` is the end of the two weeks that proved it.
    """

    owner: Step = Step()
    cause: Step = Step()
    action: Step = Step()
    verified_at: datetime | None = None
    unverified: bool = False
    recurred: int = 0
    previous: str | None = None


class Disposed(Struct, frozen=True, kw_only=True):
    """What a person said of an alert on resolving it; a duplicate may name the other alert, a wrong team the right."""

    disposition: Disposition
    by: str
    at: datetime
    duplicate_of: str | None = None
    team: str | None = None


class ToldOutcome(Struct, frozen=True, kw_only=True):
    """How often those behind an alert were told how it stands, and of which resolve last; None since it is open."""

    times: int
    of: datetime | None


class Assigned(Struct, frozen=True, kw_only=True):
    """How an alert came to a team that routes do not give it to; `by` is None where a date did it.

    What routes give to one of `teams` stays in it, and news under one of `keys` follow it. `reason` is redacted.
    """

    teams: tuple[str, ...]
    keys: tuple[str, ...]
    at: datetime
    by: str | None = None
    reason: str | None = None


class Disputed(Struct, frozen=True, kw_only=True):
    """That an alert's team says it is another's; `reason` is redacted."""

    team: str
    by: str
    at: datetime
    reason: str | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """The one open item for its key. Counts are cached: they move only with the member rows that moved.

    `severities` counts members by severity from info to critical; `unfinished` counts members whose subject is not
    done. `follow_up` is None but for a review. `held` says what keeps back the news of it, `course` whether it was open
    (`o`) or resolved (`r`) after each of the last records that touched it, by which `flap` was found. `disposed` is
    what was said when a person last resolved it, `handled_at` when one last did anything to it. Times named `*_at` are
    on the `now` clock, `first_seen` and `last_seen` on the events' own.
    """

    alert_id: str
    alert_key: str
    episode: int
    kind: AlertKind
    team: str
    route: str
    process: str
    category: str
    region: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    copy: bool = False
    team_in_key: bool = True
    level: Level | None = None
    state: AlertState = AlertState.OPEN
    opened_at: datetime
    first_seen: datetime
    last_seen: datetime
    resolved_at: datetime | None = None
    events: int = 0
    customers: int = 0
    instances: int = 0
    unfinished: int = 0
    severities: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    excerpts: tuple[Excerpt, ...] = ()
    linked: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    revision: int = 0
    announced: Announced | None = None
    digest_only: bool = False
    repeats: int = 0
    flush_at: datetime | None = None
    repeat_at: datetime | None = None
    close_at: datetime | None = None
    acked_until: datetime | None = None
    acked_by: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    follow_up: FollowUp | None = None
    held: Held | None = None
    course: str = ""
    flap: Flap | None = None
    escalation: Escalation | None = None
    disputed: Disputed | None = None
    disposed: Disposed | None = None
    handled_at: datetime | None = None
    assigned: Assigned | None = None
    merged_into: str | None = None
    handover_at: datetime | None = None
    claim: Claim | None = None
    snooze: Snooze | None = None
    told_outcome: ToldOutcome | None = None

    @property
    def severity(self) -> Severity:
        """The worst that a member holds now; info when there is none."""
        severities = self.severities
        for severity, rank in _WORST_FIRST:
            if severities[rank] > 0:
                return severity
        return Severity.INFO

    @property
    def acted_at(self) -> datetime | None:
        """When a person last closed the review, having done something about it."""
        return None if self.follow_up is None else self.follow_up.action.taken_at

    @property
    def on_agenda(self) -> bool:
        """Whether something is left to do or to prove about a review."""
        if self.state is AlertState.OPEN:
            return True
        told = self.follow_up
        return self.acted_at is not None and told is not None and told.verified_at is None and not told.unverified

    @property
    def timer_at(self) -> datetime | None:
        """When it must be told of, repeated or closed next; a resolved one that is reopened finds its repeats again."""
        repeat_at = self.repeat_at if self.state is AlertState.OPEN else None
        calm_at = self.flap.calm_at if self.flap is not None and not self.flap.over else None
        rung = self.rung
        times = (self.flush_at, repeat_at, self.close_at, calm_at, None if rung is None else rung[0])
        return min((at for at in times if at is not None), default=None)

    @property
    def rung(self) -> tuple[datetime, Rung] | None:
        """The next rung of the alert's ladder, and when it is climbed if nobody acts before."""
        if self.escalation is None or self.state is not AlertState.OPEN:
            return None
        aside = self.snooze if self.severity is not Severity.CRITICAL else None
        return self.escalation.next(self.acked_until, None if aside is None else aside.until)

    @property
    def held_by(self) -> str | None:
        """The review or silence that hides the news of the alert; what else holds it back has a time of its own."""
        return self.held.by if self.held is not None and self.held.hides else None

    @property
    def traits(self) -> Mapping[str, str]:
        """What silences and inhibitions can ask for: what the alert is, and the fields of its key."""
        return {
            **self.fields,
            "team": self.team,
            "route": self.route,
            "kind": self.kind.value,
            "level": self.level.value if self.level is not None else "",
            "process": self.process,
            "category": self.category,
            "severity": self.severity.value,
        }

    @property
    def due_at(self) -> datetime | None:
        """When the ticker must look at this alert next: for one of its timers, or since its owner may change."""
        handover_at = self.handover_at if self.state is AlertState.OPEN else None
        return min((at for at in (self.timer_at, handover_at) if at is not None), default=None)

    def kept_from(self, team: str) -> bool:
        """Tell whether the alert was taken from a team, which its routes name still."""
        return self.assigned is not None and team in self.assigned.teams


class Notice(Struct, frozen=True, kw_only=True):
    """One message about an alert, as it stood at `at`.

    It is for the alert's team unless `to` names another. `held` is what had kept it back, `digest_id` the summary in
    which it is read, `rung` what was overdue where it escalates.
    """

    at: datetime
    reason: NoticeReason
    revision: int
    alert: Alert
    title: str
    to: str | None = None
    held: Held | None = None
    digest_id: str | None = None
    rung: Rung | None = None

    @property
    def team(self) -> str:
        return self.to or self.alert.team


def interruptions(notices: Iterable[Notice]) -> list[Notice]:
    """Leave out what interrupts nobody; of what is read in one summary the first notice stands for all."""
    found: list[Notice] = []
    summaries: set[str] = set()
    for one in notices:
        if one.reason.interrupts and (one.digest_id is None or one.digest_id not in summaries):
            found.append(one)
        if one.digest_id is not None:
            summaries.add(one.digest_id)
    return found
