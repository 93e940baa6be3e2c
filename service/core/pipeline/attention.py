"""A team's playbook -> how it is told, and what holds a notice back at an instant: budgets, quiet hours, silences."""

from dataclasses import dataclass
from datetime import datetime

from service.core.budget import Stretches
from service.core.calendar import ALWAYS, Calendar, calendars_of
from service.core.escalate import Plan
from service.core.notify import Manners
from service.core.playbook.attention import TeamBudget
from service.core.playbook.escalation import Escalation
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
    plan: Plan

    def stretches(self, at: datetime) -> Stretches:
        """Say when the hour, shift and day began that an instant lies in."""
        return Stretches(
            hour=at.replace(minute=0, second=0, microsecond=0),
            shift=self.calendar.shift_of(at),
            day=self.calendar.day_of(at),
        )


def compile_attention(playbook: Playbook) -> dict[str, Attention]:
    """Compile how each team is told; under the empty name that of a team which the playbook no longer has."""
    calendars, fatigue = calendars_of(playbook), playbook.fatigue
    plan = _plan(playbook.escalation, None, ALWAYS)
    found = {"": _attention(ALWAYS, "", fatigue.budget, fatigue.digest_hour, plan)}
    for team in playbook.teams:
        name, calendar = team.calendar or fatigue.calendar or "", calendars[team.id]
        plan = _plan(playbook.escalation, team.ladder, calendar)
        found[team.id] = _attention(calendar, name, team.budget or fatigue.budget, fatigue.digest_hour, plan)
    return found


def _attention(calendar: Calendar, name: str, budget: TeamBudget | None, digest_hour: int, plan: Plan) -> Attention:
    manners = Manners(digests=DailyDigest(calendar, digest_hour), in_rounds=budget is not None)
    return Attention(calendar=calendar, calendar_id=name, budget=budget, manners=manners, plan=plan)


def _plan(asked: Escalation, ladder: str | None, calendar: Calendar) -> Plan:
    ladder = ladder or asked.ladder
    return Plan(
        calendar=calendar,
        targets=asked.targets,
        ladder=None if ladder is None else asked.ladders[ladder],
        dispute=None if asked.dispute is None else asked.ladders[asked.dispute],
    )
