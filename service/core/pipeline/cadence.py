"""How often cells are judged -> the window that an instant falls into, and when its tick is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from service.core.playbook.volume import Volume
from service.core.records.words import TickKind

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tick:
    """One window that is judged once: it holds what began before `ends_at`."""

    kind: TickKind
    ends_at: datetime

    @property
    def last_day(self) -> date:
        """The day of the window's last instant."""
        return (self.ends_at - timedelta(microseconds=1)).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """Windows of one kind follow one another, counted from a Monday 00:00 UTC; a tick is due `lateness` after its end.

    A weekly window ends with a Sunday, a daily one with every day, an hourly one every so many hours of a day.
    """

    kind: TickKind
    step: timedelta
    lateness: timedelta

    def tick(self, at: datetime) -> Tick:
        """Return the tick of the window that an instant falls into."""
        utc = at.astimezone(UTC)
        monday = datetime.combine(utc.date() - timedelta(days=utc.weekday()), time(), UTC)
        return Tick(kind=self.kind, ends_at=monday + ((utc - monday) // self.step + 1) * self.step)

    def following(self, tick: Tick) -> Tick:
        """Return the next tick of the kind; of another cadence before, the window goes on to the end of one of this."""
        return self.tick(tick.ends_at)

    def due_at(self, tick: Tick) -> datetime:
        """Return when a tick is due: when its window is over and the late have had their time."""
        return tick.ends_at + self.lateness


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadences:
    """All that a playbook asks for; `hours` is None where only days are judged."""

    days: Cadence
    hours: Cadence | None

    def of(self, kind: TickKind) -> Cadence | None:
        """Return the cadence of one kind, if the playbook still has it."""
        return self.days if kind is TickKind.DAYS else self.hours

    def due_after(self, at: datetime) -> datetime:
        """Return when the first tick is due that something at an instant may ask for."""
        return min(cadence.due_at(cadence.tick(at)) for cadence in self)

    def __iter__(self) -> Iterator[Cadence]:
        yield self.days
        if self.hours is not None:
            yield self.hours


def cadences(volume: Volume) -> Cadences:
    """Return what the playbook says."""
    days = Cadence(kind=TickKind.DAYS, step=WEEK if volume.tick == "weekly" else DAY, lateness=volume.lateness)
    hourly = volume.hourly
    hours = Cadence(kind=TickKind.HOURS, step=timedelta(hours=hourly.every), lateness=hourly.lateness)
    return Cadences(days=days, hours=hours if hourly.enabled else None)
