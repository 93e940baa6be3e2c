"""The volume part of a playbook: what calls for a local adjustment, and what for a formal review.

Shapes and defaults only; deploy/docs/volume.md has the rule and its figures.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from service.core.playbook.fields import Duration, Label, Part, Slug

ChosenMethod = Literal["averaged_bayes_factor", "u_chart", "p_chart", "ewma", "cusum"]
# A natural logarithm of odds.
Cut = Annotated[float, Field(ge=-5, le=50)]
Threshold = Annotated[int, Field(ge=0, le=1_000_000)]
Ratio = Annotated[float, Field(ge=0, le=1_000)]


class Cuts(NamedTuple):
    """Natural logarithms of odds."""

    local: float
    formal: float


# Solved by `simulate-volume`; deploy/benchmarks/volume.json has the reports.
CUTS: Mapping[str, Cuts] = {"weekly": Cuts(1.90, 3.98), "daily": Cuts(2.28, 4.52)}
# The most that keeps formal reviews within their budget where people close every review within days.
RECURRENCE_CUTS: Mapping[str, float] = {"weekly": 1.5, "daily": 1.8}
SIBLING_CUTS: Mapping[str, Cuts] = {"weekly": Cuts(2.8, 6.0), "daily": Cuts(4.4, 7.0)}


class VolumeRule(Part):
    """Other thresholds for some cells. What is left out is as for all; the most specific rule that matches holds."""

    id: Slug
    process: Slug | None = None
    category: Slug | None = None
    region: Label | None = None
    method: ChosenMethod | None = None
    h_local: Cut | None = None
    h_formal: Cut | None = None
    local_min: Threshold | None = None
    formal_min: Threshold | None = None
    min_ratio: Ratio | None = None
    local_min_customers: Threshold | None = None
    formal_min_customers: Threshold | None = None
    warm_up_min: Annotated[int, Field(ge=2)] | None = None
    max_customer_share: Annotated[float, Field(gt=0, le=1)] | None = None

    @model_validator(mode="after")
    def _says_of_which_cells(self) -> Self:
        if self.process is None and self.category is None and self.region is None:
            message = "names no process, category or region; what holds for all cells is said under volume itself"
            raise ValueError(message)
        return self


class Siblings(Part):
    """Whether cells of one category, process or process and category are judged together as well."""

    enabled: bool = True
    h_local: Cut | None = None
    h_formal: Cut | None = None


class Hourly(Part):
    """Whether the last hours of each cell are judged too, every so many of them: an outage can not wait for days."""

    enabled: bool = True
    every: Annotated[int, Field(ge=1, le=24)] = 1
    lateness: Duration = timedelta(minutes=15)
    h: Cut = 6.5
    min_customers: Annotated[int, Field(ge=2, le=1_000_000)] = 5
    min_ratio: Ratio = 3.0


class Recurrence(Part):
    """Whether a smaller rise than else calls for a formal review in the weeks after a review was closed by a person."""

    enabled: bool = True
    h: Cut | None = None


BusinessDays = Annotated[int, Field(ge=0, le=400)] | None


class FormalSteps(Part):
    """Within how many days, from Monday to Friday, somebody owns a formal review, finds the cause, and has acted.

    A step that is null is not asked for.
    """

    owner: BusinessDays = 2
    cause: BusinessDays = 15
    action: BusinessDays = 30


class LocalSteps(Part):
    """The same for a local adjustment, which is made without a study of its cause."""

    owner: BusinessDays = 2
    cause: BusinessDays = None
    action: BusinessDays = 10


Steps = FormalSteps | LocalSteps


class Reviews(Part):
    """By when the steps of a review are due."""

    local: LocalSteps = LocalSteps()
    formal: FormalSteps = FormalSteps()


class Downtimes(Part):
    """What a downtime of a process does to the days with at least `least` of it, or of the time `after` a long one."""

    mode: Literal["tag", "exclude", "stratify"] = "tag"
    least: Duration = timedelta(hours=1)
    after: Duration = timedelta(hours=24)


class Recontact(Part):
    """Whether it is judged too if more customers than before come back after their case was closed.

    Without a cut it is the one of a formal review, though it calls for a local adjustment at most. How long a customer
    may take is `metrics.recontact_days`; the guards are those of a local adjustment in all cells.
    """

    enabled: bool = False
    h: Cut | None = None
    min_closed: Annotated[int, Field(ge=1, le=1_000_000)] = 10


class SiblingCuts(Part):
    """What siblings have to reach together, as `simulate-volume --solve` found it."""

    h_local: Cut
    h_formal: Cut


class Calibrated(Part):
    """Cuts that `simulate-volume --solve` found, with what they are for and the report that they came from."""

    h_local: Cut
    h_formal: Cut
    siblings: SiblingCuts | None
    tick: Literal["weekly", "daily"]
    half_life_weeks: float | None
    two_of_three: bool
    several_regions: bool
    report: dict[str, Any]


class Volume(Part):
    """Thresholds of local adjustment and formal review; deploy/docs/volume.md has the rule and its figures.

    A cut that is left out is the calibrated one, else the one solved for the tick: weekly or daily.
    """

    tick: Literal["weekly", "daily"] = "weekly"
    by_region: bool = False
    lateness: Duration = timedelta(hours=24)
    half_life_weeks: Annotated[float, Field(ge=4, le=520)] | None = None
    method: ChosenMethod = "averaged_bayes_factor"
    h_local: Cut | None = None
    h_formal: Cut | None = None
    local_min: Threshold = 3
    formal_min: Threshold = 5
    min_ratio: Ratio = 1.5
    local_min_customers: Threshold = 3
    formal_min_customers: Threshold = 5
    warm_up_min: Annotated[int, Field(ge=2)] = 5
    max_customer_share: Annotated[float, Field(gt=0, le=1)] = 0.4
    thresholds: Annotated[tuple[VolumeRule, ...], Field(max_length=500)] = ()
    siblings: Siblings = Siblings()
    hourly: Hourly = Hourly()
    recurrence: Recurrence = Recurrence()
    reviews: Reviews = Reviews()
    downtime: Downtimes = Downtimes()
    recontact: Recontact = Recontact()
    zero_tolerance: tuple[Slug, ...] = ()
    two_of_three: bool = False
    several_regions: bool = False
    calibrated: Calibrated | None = None

    def cuts(self, rule: VolumeRule | None = None) -> Cuts:
        """What single cells have to reach: by the rule, else as for all cells, else as solved for the tick."""
        solved = CUTS[self.tick]
        if self.calibrated is not None:
            solved = Cuts(local=self.calibrated.h_local, formal=self.calibrated.h_formal)
        return Cuts(
            local=_first(None if rule is None else rule.h_local, self.h_local, solved.local),
            formal=_first(None if rule is None else rule.h_formal, self.h_formal, solved.formal),
        )

    def figure(self, name: str, rule: VolumeRule | None = None) -> float:
        """Return a figure that is no cut: by the rule, else as for all cells."""
        return _first(None if rule is None else getattr(rule, name), getattr(self, name))

    def recurrence_cut(self) -> float | None:
        """What the weeks after a closed review have to reach; None where they are not looked at."""
        return _first(self.recurrence.h, RECURRENCE_CUTS[self.tick]) if self.recurrence.enabled else None

    def sibling_cuts(self) -> Cuts:
        """What siblings have to reach together."""
        solved = SIBLING_CUTS[self.tick]
        if self.calibrated is not None and self.calibrated.siblings is not None:
            found = self.calibrated.siblings
            solved = Cuts(local=found.h_local, formal=found.h_formal)
        return Cuts(
            local=_first(self.siblings.h_local, solved.local), formal=_first(self.siblings.h_formal, solved.formal)
        )

    def recontact_cut(self) -> float:
        """What the recontacts of a cell have to reach."""
        return _first(self.recontact.h, self.cuts().formal)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
