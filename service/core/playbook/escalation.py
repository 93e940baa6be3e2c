"""By when a team is to answer and be done, and whom to tell where it is not: targets by severity, and ladders."""

from typing import Annotated

from pydantic import Field, model_validator

from service.core.playbook.fields import Duration, Part, Slug, TeamId
from service.core.records.words import Severity


class Target(Part):
    """How long after it was first told an alert is to be acknowledged, and to be over; by the team's business hours."""

    acknowledge: Duration | None = None
    resolve: Duration | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "Target":
        if self.acknowledge is None and self.resolve is None:
            message = "name a time for acknowledge, resolve, or both"
            raise ValueError(message)
        if self.acknowledge is not None and self.resolve is not None and self.acknowledge > self.resolve:
            message = "an alert can not be over before somebody has taken it; make resolve the longer of the two"
            raise ValueError(message)
        return self


class Step(Part):
    """So long after an alert was first told, and not acknowledged, another team hears of it too."""

    after: Duration
    to: TeamId


class Ladder(Part):
    """Steps in the order of their times; `business` False counts nights and weekends as well."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=20)]
    business: bool = True

    @model_validator(mode="after")
    def _climbs(self) -> "Ladder":
        times = [step.after for step in self.steps]
        if times != sorted(set(times)):
            message = "each step comes later than the one before; put them in order"
            raise ValueError(message)
        return self


class Escalation(Part):
    """`targets` by severity; `ladder` is for teams that name none, `dispute` for what two teams want to be rid of."""

    targets: dict[Severity, Target] = {}
    ladders: dict[Slug, Ladder] = {}
    ladder: Slug | None = None
    dispute: Slug | None = None
