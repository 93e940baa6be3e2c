"""Placeholder until calendars are in."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Calendar:
    def quiet_until(self, at: datetime) -> datetime | None:
        return None

    def shift_of(self, at: datetime) -> datetime:
        return self.day_of(at)

    def day_of(self, at: datetime) -> datetime:
        return at.replace(hour=0, minute=0, second=0, microsecond=0)

    def next_at(self, at: datetime, hour: int) -> datetime:
        today = at.replace(hour=hour, minute=0, second=0, microsecond=0)
        return today if today > at else today + timedelta(days=1)


ALWAYS = Calendar()
