"""A team's playbook -> how it is told, and what holds a notice back at an instant: budgets, quiet hours, silences."""

from dataclasses import dataclass
from datetime import datetime

from service.core.budget import Stretches
from service.core.calendar import ALWAYS, Calendar
from service.core.notify import Manners
from service.core.playbook.attention import TeamBudget
from service.core.playbook.model import Playbook


@dataclass(frozen=True, slots=True)
class DailyDigest:
    """Once a day, at an hour of a calendar."""

    calendar: Calendar
    hour: int

    def after(self, at: datetime) -> datetime:
        return self.calendar.next_at(at, self.hour)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """What one team can be asked for, and when."""

    calendar: Calendar
    calendar_id: str
    budget: TeamBudget | None
    manners: Manners

    def stretches(self, at: datetime) -> Stretches:
        """Say when the hour, shift and day began that an instant lies in."""
        return Stretches(
            hour=at.replace(minute=0, second=0, microsecond=0),
            shift=self.calendar.shift_of(at),
            day=self.calendar.day_of(at),
        )


def compile_attention(playbook: Playbook) -> dict[str, Attention]:
    """Compile how each team is told; under the empty name that of a team which the playbook no longer has."""
    found = {"": _attention(playbook, None)}
    found |= {team.id: _attention(playbook, team.budget) for team in playbook.teams}
    return found


def _attention(playbook: Playbook, budget: TeamBudget | None) -> Attention:
    budget = budget or playbook.fatigue.budget
    digests = DailyDigest(ALWAYS, playbook.fatigue.digest_hour)
    return Attention(
        calendar=ALWAYS,
        calendar_id="",
        budget=budget,
        manners=Manners(digests=digests, in_rounds=budget is not None),
    )
