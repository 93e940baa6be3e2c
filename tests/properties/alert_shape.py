"""What the model of the alert's life is made of: members, notices, what holds one back, and the alert itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

SEVERITIES = ("info", "low", "medium", "high", "critical")
ENDS = ("resolved", "withdrawn")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# What alerts of a team's own have in their key, or the one customer.
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The defaults of the table of timers."""

    wait: timedelta = MINUTE
    interval: timedelta = 15 * MINUTE
    repeat: tuple[timedelta, ...] = (24 * HOUR, 72 * HOUR)
    reopen_window: timedelta = 7 * DAY
    auto_close: timedelta = 14 * DAY
    ack_expiry: timedelta = 24 * HOUR
    digest_hour: int = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaps:
    """So many changes within so many records are too many, until nothing has changed for `calm`."""

    look_back: int = 8
    changes: int = 3
    calm: timedelta = 5 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What a playbook turns on; each is off unless it does.

    `nights` are quiet from 20 to 7 o'clock, `per_hour` is a budget, `ladder` says after how long which team is called,
    `silences` and `reviews` that people may set the one, and ticks open the other.
    """

    nights: bool = False
    per_hour: int | None = None
    flaps: Flaps | None = None
    ladder: tuple[tuple[timedelta, str], ...] = ()
    silences: bool = False
    reviews: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    event: str
    customer: str
    severity: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Where a feedback belongs: `teamed` says that the team is part of the key."""

    key: Key
    team: str
    teamed: bool
    process: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    revision: int
    at: datetime
    reason: str
    team: str
    severity: str
    customers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What keeps news back: `by` a silence or review until it ends, anything else `until` an hour.

    `events_before` is how many members the team can know of.
    """

    why: str
    by: str
    until: datetime | None
    severity: str
    customers: int
    events_before: int = 0

    @property
    def hides(self) -> bool:
        return self.why in ("inhibited", "silenced")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flap:
    """`closed` says that the alert was over since its team was last told of it."""

    calm_at: datetime
    told: bool = False
    over: bool = False
    closed: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Alert:
    """`over_at` is None while it is open. `told` is the last notice to its team, if it was no step of the ladder.

    `course` has an `o` or `r` for each record that touched it, `called` the teams that its ladder brought in.
    """

    key: Key
    episode: int
    team: str
    teamed: bool
    process: str
    members: dict[str, Member] = field(default_factory=dict)
    over_at: datetime | None = None
    closes_at: datetime | None = None
    acked_until: datetime | None = None
    notices: list[Notice] = field(default_factory=list)
    told: Notice | None = None
    tell_at: datetime | None = None
    repeat_at: datetime | None = None
    repeats: int = 0
    hold: Hold | None = None
    course: str = ""
    flap: Flap | None = None
    rungs: list[tuple[datetime, str]] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    aside_until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.over_at is None

    @property
    def severity(self) -> str:
        return max((one.severity for one in self.members.values()), key=SEVERITIES.index, default="info")

    @property
    def customers(self) -> int:
        return len({one.customer for one in self.members.values()})

    @property
    def flaps(self) -> bool:
        """Whether its team knows that it comes and goes, and hears no more of that."""
        return self.flap is not None and self.flap.told and not self.flap.over

    @property
    def was_told_over(self) -> bool:
        return self.told is not None and self.told.reason in ENDS

    @property
    def critical_news(self) -> bool:
        """Whether it is critical and its team does not know."""
        told = self.told
        known = told is not None and told.severity == "critical" and told.team == self.team and not self.was_told_over
        return self.is_open and self.severity == "critical" and (not known or self.was_over_unheard)

    @property
    def was_over_unheard(self) -> bool:
        return self.flap is not None and self.flap.closed

    @property
    def rung(self) -> tuple[datetime, int] | None:
        """When the next rung comes, and which it is.

        Who has taken an alert is left alone until that ends, and what was put aside until it comes back.
        """
        if not self.is_open:
            return None
        acked = self.acked_until
        due = [(at if acked is None else max(at, acked), place) for place, (at, _) in enumerate(self.rungs)]
        first = min(due, default=None)
        if first is None or self.aside_until is None or self.severity == "critical":
            return first
        return max(first[0], self.aside_until), first[1]

    @property
    def calm_at(self) -> datetime | None:
        return None if self.flap is None or self.flap.over else self.flap.calm_at

    @property
    def due_at(self) -> datetime | None:
        repeat_at = self.repeat_at if self.is_open else None
        rung = None if self.rung is None else self.rung[0]
        times = (self.tell_at, repeat_at, self.closes_at, self.calm_at, rung)
        return min((at for at in times if at is not None), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One alert as its team sees it, on either side."""

    team: str
    is_open: bool
    severity: str
    members: frozenset[str]
    customers: int
    acked: bool
    notices: tuple[Notice, ...]


def is_worse(severity: str, other: str) -> bool:
    return SEVERITIES.index(severity) > SEVERITIES.index(other)


def of_key(alerts: Sequence[Alert]) -> Iterator[tuple[tuple[Key, int], Alert]]:
    """Yield alerts by what names each: its key, and the how many-eth of that key it is."""
    for alert in alerts:
        yield (alert.key, alert.episode), alert
