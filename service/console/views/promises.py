"""The open alerts of a team -> how many have something promised, and of how many that is overdue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.api.shown import AlertShown
from service.console.views.due import due_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    team: str
    promised: int
    overdue: int

    @property
    def kept(self) -> float:
        """The share that is not overdue."""
        return 1 - self.overdue / self.promised if self.promised else 1.0


def promises(team: str, alerts: Sequence[AlertShown], now: datetime) -> Promises:
    due = [one for one in (due_of(alert, now) for alert in alerts) if one is not None]
    return Promises(team=team, promised=len(due), overdue=sum(one.overdue for one in due))
