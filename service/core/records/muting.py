"""What may keep a notice back: silences, open reviews, spent budgets; and what is remembered of a notice kept back."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from msgspec import Struct, field

from service.core.records.words import AlertKind, Level, Severity, SilenceEnd, Wait

# How far back the customers are counted by which a silence is found to have been outgrown.
LATELY = timedelta(hours=24)
# So long after something has changed under a silence it is looked at what that hides.
CHECK_AFTER = timedelta(minutes=1)
# So long is it kept what a silence hid.
KEPT = timedelta(days=400)


class Held(Struct, frozen=True, kw_only=True):
    """Why a team has not been told yet what is new of an alert, and since when.

    `by` names what holds it: a silence, the alert of a review, a calendar, or the stretch of time whose budget is
    spent. `until` is when it is asked for again, None where that is when `by` ends. The counts are those of the alert
    when it was held; those `before` are of what the team can know of: none where it was never told.
    """

    why: Wait
    by: str
    since: datetime
    until: datetime | None = None
    severity: Severity = Severity.INFO
    events: int = 0
    customers: int = 0
    events_before: int = 0
    customers_before: int = 0

    @property
    def hides(self) -> bool:
        """Whether a review or a silence does it, which end by themselves."""
        return self.why in (Wait.INHIBITED, Wait.SILENCED)


class Flap(Struct, frozen=True, kw_only=True):
    """That an alert opens and closes too often to tell of each; calm returns at `calm_at` if nothing changes.

    `closed` says that it was over since its team was last told of it.
    """

    since: datetime
    calm_at: datetime
    told: bool = False
    over: bool = False
    closed: bool = False


class Hidden(Struct, frozen=True, kw_only=True):
    """What a silence kept back: alerts, events and customers that it hid since it began, and the worst of it.

    `lately` counts the customers whose feedback came in the last 24 hours.
    """

    alerts: int = 0
    events: int = 0
    customers: int = 0
    lately: int = 0
    worst: Severity = Severity.INFO


class Silence(Struct, frozen=True, kw_only=True):
    """Keeps back notices of alerts that match, from `starts_at` until `ends_at`, unless it breaks before.

    It breaks when what it hides within 24 hours is more than `growth` times the customers of the 24 hours before it was
    made, `baseline`, or is at least as severe as `breaks_at`; without that no severity breaks it. What is critical
    passes unless `including_critical`.
    """

    silence_id: str
    matchers: Mapping[str, tuple[str, ...]]
    author: str
    reason: str
    created_at: datetime
    starts_at: datetime
    ends_at: datetime
    including_critical: bool = False
    growth: float = 3.0
    breaks_at: Severity | None = Severity.CRITICAL
    baseline: int = 0
    revision: int = 1
    extended_by: str | None = None
    lifted_by: str | None = None
    check_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: SilenceEnd | None = None
    hidden: Hidden = Hidden()

    @property
    def due_at(self) -> datetime | None:
        """When the silence must be looked at next: what it hides has changed, or its time is over."""
        if self.ended_at is not None:
            return None
        return self.ends_at if self.check_at is None else min(self.ends_at, self.check_at)

    def covers(self, traits: Mapping[str, str], at: datetime) -> bool:
        """Tell whether an alert of these traits is silenced at an instant."""
        if self.ended_at is not None or not self.starts_at <= at < self.ends_at:
            return False
        return all(traits.get(name, "") in wanted for name, wanted in self.matchers.items())


class Silences:
    """All silences that have not ended, by the first thing that each asks for, so that most cost nothing."""

    def __init__(self, silences: Iterable[Silence] = ()) -> None:
        self._by: dict[str, dict[str, list[Silence]]] = {}
        self._named: dict[str, Silence] = {}
        self._count = 0
        for one in sorted(silences, key=lambda each: (each.ends_at, each.silence_id), reverse=True):
            self._count += 1
            self._named[one.silence_id] = one
            name = min(one.matchers, key=lambda each: (len(one.matchers[each]), each))
            for value in one.matchers[name]:
                self._by.setdefault(name, {}).setdefault(value, []).append(one)

    def __bool__(self) -> bool:
        return bool(self._by)

    def __len__(self) -> int:
        """Count those that have not ended."""
        return self._count

    def named(self, silence_id: str) -> Silence | None:
        return self._named.get(silence_id)

    def of(self, traits: Mapping[str, str], at: datetime, *, critical: bool) -> Silence | None:
        """Return the silence that holds an alert of these traits the longest; a critical one only where it says so."""
        found = (
            one
            for name, values in self._by.items()
            for one in values.get(traits.get(name, ""), ())
            if (one.including_critical or not critical) and one.covers(traits, at)
        )
        return max(found, key=lambda each: (each.ends_at, each.silence_id), default=None)


class Source(Struct, frozen=True, kw_only=True):
    """An open review that its team was told of, which may inhibit alerts about single feedbacks."""

    alert_id: str
    kind: AlertKind
    level: Level | None
    team: str
    process: str
    category: str
    region: str | None
    severity: Severity


class Spent(Struct, frozen=True, kw_only=True):
    """How many interrupts a team has had in the hour, shift and day that began at these instants."""

    hour: tuple[datetime, int] | None = None
    shift: tuple[datetime, int] | None = None
    day: tuple[datetime, int] | None = None


class Muters(Struct, frozen=True, kw_only=True):
    """All that was found to be in force when a transaction locked its alerts; `spent` is a look without a lock."""

    silences: Silences = field(default_factory=Silences)
    sources: tuple[Source, ...] = ()
    spent: Mapping[str, Spent] = field(default_factory=dict)
