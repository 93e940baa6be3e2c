"""Seeds -> shares of them in which the planted cause was found, and in which something was named that is none."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from statistics import fmean
from typing import Any

from service.core.cause import VersionVerdict
from service.core.intervals import share
from service.simulation.causes.judged import TOP, Judged, Told, judge_seed
from service.simulation.causes.process import Plant, Process
from service.simulation.measure import Heard, spread

_DIGITS = 3
# What makes a plant harder to find, one at a time.
HARDER: Mapping[str, Mapping[str, float | int]] = {
    "lift_2": {"lift": 2.0},
    "lift_1.5": {"lift": 1.5},
    "negative_4_percent": {"negative": 0.04},
    "planted_5_percent": {"planted": 0.05},
    "500_instances": {"instances": 500},
    "6_times_slower": {"slower": 6.0},
}


def parts_of(*, sensitivity: bool) -> int:
    """Return how many processes are drawn for each seed."""
    return 1 + len(Plant) * (1 + (len(HARDER) if sensitivity else 0))


def report_causes(seeds: Sequence[int], process: Process, heard: Heard, *, sensitivity: bool = False) -> dict[str, Any]:
    """Look for causes in processes without a plant and with each, on every core; harder ones too where asked for."""
    return {
        "seeds": len(seeds),
        "process": asdict(process),
        "nothing_planted": _nothing(_judged(seeds, process, None, heard)),
        "planted": {plant.value: _planted(_judged(seeds, process, plant, heard)) for plant in Plant},
    } | (
        {
            "sensitivity": {
                name: {
                    plant.value: _found(_judged(seeds, replace(process, **harder), plant, heard))  # type: ignore[arg-type]
                    for plant in Plant
                }
                for name, harder in HARDER.items()
            }
        }
        if sensitivity
        else {}
    )


def _judged(seeds: Sequence[int], process: Process, plant: Plant | None, heard: Heard) -> list[Judged]:
    return list(spread(partial(_judge_seeds, process=process, plant=plant), seeds, heard))


def _judge_seeds(seeds: tuple[int, ...], process: Process, plant: Plant | None) -> list[Judged]:
    return [judge_seed(seed, process, plant) for seed in seeds]


def _nothing(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        "names_anything": _share(judged, lambda one: one.named > 0),
        "names_what_an_outage_explains": _share(judged, lambda one: one.by_hand is not Told.NOT_NAMED),
        "names_anything_without_strata": _share(judged, lambda one: one.without_strata > 0),
        "version_said_to_differ": _share(judged, _differs),
    }


def _planted(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        **_found(judged),
        "plant": _told([one.plant for one in judged]),
        "confounder": _told([one.confounder for one in judged]),
        "by_hand": _told([one.by_hand for one in judged]),
        "something_unrelated_stands": _share(judged, lambda one: one.unrelated),
        "version_said_to_be_worse": _share(judged, lambda one: one.version is VersionVerdict.WORSE),
        "negative": round(fmean(one.negative for one in judged), 1),
        "named": round(fmean(one.named for one in judged), 1),
    }


def _found(judged: Sequence[Judged]) -> dict[str, Any]:
    return {
        f"found_in_top_{TOP}": _share(judged, lambda one: one.rank is not None and one.rank <= TOP),
        "found_first": _share(judged, lambda one: one.rank == 1),
    }


def _differs(one: Judged) -> bool:
    return one.version in {VersionVerdict.WORSE, VersionVerdict.BETTER}


def _share(judged: Sequence[Judged], holds: Callable[[Judged], bool]) -> dict[str, float]:
    found = share(sum(map(holds, judged)), len(judged))
    return {
        "share": round(found.figure, _DIGITS),
        "low": round(found.low, _DIGITS),
        "high": round(found.high, _DIGITS),
    }


def _told(said: Sequence[Told]) -> dict[str, float]:
    return {each.value: round(said.count(each) / len(said), _DIGITS) for each in Told}
