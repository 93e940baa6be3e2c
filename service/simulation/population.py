"""What is simulated: the cells of a tenant, the shifts that are planted in them, and the rule that looks for these."""

from dataclasses import dataclass, replace
from typing import Literal

from service.core.pipeline.thresholds import VolumeRules
from service.core.volume import CellKey, HourlyThresholds, Legs, PooledThresholds, Thresholds, VolumeSettings

# Mondays to Sundays; they cancel out wherever whole weeks are compared.
WEEKDAYS = (1.25, 1.15, 1.1, 1.05, 1.0, 0.8, 0.65)
SCORED_WEEKS = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """One tenant: weekly rates are log-normal, daily counts negative binomial with variance = phi x mean.

    `drift` is the standard deviation of a weekly step of each log rate. `processes` divides `cells`; `regions` divides
    what is left to each. `history_weeks` have been watched before the first scored tick. `acted_after_days` is how long
    after the end of its window people close each review, None if they never do.
    """

    cells: int = 100
    processes: int = 10
    regions: int = 1
    weekly_median: float = 2.5
    sigma: float = 1.0
    phi: float = 1.5
    drift: float = 0.0
    history_weeks: int = 8
    acted_after_days: int | None = None

    @property
    def days(self) -> int:
        """All days of a year, history first."""
        return 7 * (self.history_weeks + SCORED_WEEKS)

    def keys(self, year: int) -> tuple[CellKey, ...]:
        """Name the cells of one year; no two years share a process or a category."""
        per_process = self.cells // self.processes
        return tuple(
            CellKey(
                process=f"{year}/p{cell // per_process}",
                category=f"{year}/c{cell % per_process // self.regions}",
                region=f"r{cell % self.regions}" if self.regions > 1 else None,
            )
            for cell in range(self.cells)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A cell's rate times `factor` for `weeks`, from the start of a random week, in each of `cells` cells.

    With `together` as many cells of one category are struck in the same week, once in each category.
    """

    name: str
    factor: float
    weeks: int
    cells: int = 20
    together: bool = False


SHIFTS = (Shift(name="x3_4w", factor=3.0, weeks=4), Shift(name="x2_8w", factor=2.0, weeks=8))
# Where people close reviews in vain, what counts is whether trouble that lasts is found after all.
LASTING = (Shift(name="x3_8w", factor=3.0, weeks=8), Shift(name="x2_16w", factor=2.0, weeks=16))
OUTAGE = Shift(name="outage_x2_1w", factor=2.0, weeks=1, cells=5, together=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The part of a playbook that a simulation needs.

    `pooled` is None where siblings are not judged together, `hourly` where hours are not.
    """

    thresholds: Thresholds
    settings: VolumeSettings
    legs: Legs
    pooled: PooledThresholds | None
    hourly: HourlyThresholds | None
    tick_days: int

    def with_cuts(self, h_local: float, h_formal: float) -> "Rule":
        """Return the rule with other cuts for single cells."""
        return replace(self, thresholds=replace(self.thresholds, h_local=h_local, h_formal=h_formal))


# A cell that no rule of a playbook names.
_ANY = CellKey(process="", category="", region=None)


def rule_of(volume: VolumeRules, tick: Literal["weekly", "daily"]) -> Rule:
    """Take the thresholds for all cells, the legs and the judging of siblings from a playbook."""
    return Rule(
        thresholds=volume.thresholds_of(_ANY),
        settings=volume.settings,
        legs=volume.legs,
        pooled=volume.pooled,
        hourly=volume.hourly,
        tick_days=7 if tick == "weekly" else 1,
    )
