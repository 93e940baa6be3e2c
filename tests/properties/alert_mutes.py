"""What holds notices back in the model: silences, an open review, nights, and budgets that are spent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tests.properties.alert_shape import DAY, HOUR, MINUTE, SEVERITIES, Alert, Features, Flaps

REVIEW = "review"
# The review is of the cells of one process, and told a minute after it has opened for the first time.
REVIEWED, REVIEW_WAIT = "shipping", MINUTE
# Whose night it is; who judges is awake.
SLEEPERS = ("drivers", "refunds", "desk")
EVENING, MORNING = 20, 7
# Who has a budget and a ladder.
BUDGETED = ("drivers", "refunds")


@dataclass(slots=True, kw_only=True)
class Silence:
    """Keeps back what is of a `team` or `process`; what is critical only where it says so."""

    name: str
    matches: Mapping[str, str]
    since: datetime
    until: datetime
    critical: bool = False
    check_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def ended(self) -> bool:
        return self.ended_at is not None

    @property
    def due_at(self) -> datetime | None:
        if self.ended:
            return None
        return self.until if self.check_at is None else min(self.until, self.check_at)

    def covers(self, alert: Alert, team: str, at: datetime) -> bool:
        traits = {"team": team, "process": alert.process}
        named = all(traits[name] == wanted for name, wanted in self.matches.items())
        return named and not self.ended and self.since <= at < self.until


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """`released` has what ended and when, until what it held back was asked for again."""

    features: Features
    silences: list[Silence] = field(default_factory=list)
    review_open: bool = False
    review_told_at: datetime | None = None
    released: list[tuple[datetime, str]] = field(default_factory=list)
    interrupts: Counter[tuple[str, datetime]] = field(default_factory=Counter)

    def silenced(self, alert: Alert, at: datetime, *, critical: bool, team: str | None = None) -> str | None:
        """Name the silence that holds the alert longest."""
        found = [one for one in self.silences if one.covers(alert, team or alert.team, at)]
        found = [one for one in found if one.critical or not critical]
        return max(((one.until, one.name) for one in found), default=(at, None))[1]

    def inhibited(self, alert: Alert, at: datetime) -> bool:
        told = self.review_told_at is not None and self.review_told_at <= at
        return self.review_open and told and alert.process == REVIEWED

    def quiet_until(self, team: str, at: datetime) -> datetime | None:
        if not self.features.nights or team not in SLEEPERS or MORNING <= at.hour < EVENING:
            return None
        return next_hour(at, MORNING)

    def is_spent(self, team: str, at: datetime) -> bool:
        limit = self.features.per_hour
        return limit is not None and team in BUDGETED and self.interrupts[team, hour_of(at)] >= limit

    def spend(self, team: str, at: datetime) -> None:
        self.interrupts[team, hour_of(at)] += 1

    def in_rounds(self, team: str, at: datetime) -> datetime:
        """What a team with a budget is told comes on the full minute."""
        if self.features.per_hour is None or team not in BUDGETED:
            return at
        full = at.replace(second=0, microsecond=0)
        return full if full == at else full + MINUTE

    def review(self, now: datetime, *, is_open: bool) -> None:
        """Open the review, or end it: one that nobody was told of spoke for nothing."""
        if is_open and (self.review_told_at is None or self.review_told_at > now):
            self.review_told_at = now + REVIEW_WAIT
        if not is_open and self.review_told_at is not None:
            if self.review_told_at > now:
                self.review_told_at = None
            else:
                self.released.append((now, REVIEW))
        self.review_open = is_open

    def look(self, silence: Silence, alerts: Sequence[Alert], at: datetime) -> None:
        """End a silence whose time is over, or under which something critical is."""
        silence.check_at = None
        hidden = [one.severity for one in alerts if one.hold is not None and one.hold.by == silence.name]
        if at >= silence.until or (not silence.critical and "critical" in hidden):
            self.end(silence, at)

    def end(self, silence: Silence, at: datetime) -> None:
        silence.ended_at, silence.check_at = at, None
        self.released.append((at, silence.name))


def next_hour(at: datetime, hour: int) -> datetime:
    """Return the next time after an instant at which the clock strikes an hour."""
    today = at.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > at else today + DAY


def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def worth(severity: str, customers: int, novelty: float) -> float:
    """Severity, each twice the one below, times customers times how new it is."""
    return float(2 ** SEVERITIES.index(severity)) * max(1, customers) * novelty


NOVELTY = {"severity_increased": 0.8, "flapping": 0.5, "customers_doubled": 0.5, "repeat": 0.25}

# What a playbook may ask for, and what people silence.
LADDER = ((4 * HOUR, "desk"), (20 * HOUR, "judges"))
FEATURES = (
    Features(nights=True),
    Features(per_hour=1),
    Features(flaps=Flaps()),
    Features(ladder=LADDER),
    Features(silences=True),
    Features(reviews=True),
)
SILENCED = (("team", "drivers"), ("team", "refunds"), ("process", "shipping"), ("process", "returns"))
