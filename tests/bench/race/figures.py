"""Raw runs -> figures: for each workload and contestant median, least and greatest of the runs, and ratios.

A ratio is of medians, to the yardsticks and to the loop by hand of the same workload. Where a run failed its reason is
there, beside figures of those that did not.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from tests.bench.race.contestants import YARDSTICKS

BY_HAND = "by_hand/ours"
_RATE = "events_per_second"

Raw = Mapping[str, Any]
Spread = dict[str, float]


def figures(runs: Sequence[Raw]) -> dict[str, dict[str, Any]]:
    """Return figures by workload and contestant, in the order in which they first ran."""
    found: dict[str, dict[str, Any]] = {}
    for workload in dict.fromkeys(run["workload"] for run in runs):
        of_workload = [run for run in runs if run["workload"] == workload]
        # What is held against comes first, then what has no peer's name: our service.
        names = sorted(
            dict.fromkeys(run["contestant"] for run in of_workload),
            key=lambda name: (name not in YARDSTICKS, "/" in name),
        )
        found[workload] = {name: _of([run for run in of_workload if run["contestant"] == name]) for name in names}
        for figure in found[workload].values():
            figure.update(_ratios(figure, found[workload]))
    return found


def spread(values: Sequence[float], digits: int = 1) -> Spread:
    return {
        "median": round(median(values), digits),
        "min": round(min(values), digits),
        "max": round(max(values), digits),
        "runs": len(values),
    }


def rate_of(runs: Sequence[Raw], workload: str, contestant: str) -> float | None:
    """Return the median rate of a contestant so far; None where it has none."""
    rates = [
        run[_RATE]
        for run in runs
        if (run["workload"], run["contestant"]) == (workload, contestant) and run["kind"] == "turn" and _RATE in run
    ]
    return median(rates) if rates else None


def _of(runs: Sequence[Raw]) -> dict[str, Any]:
    turns = [run for run in runs if run["kind"] == "turn" and _RATE in run]
    paced = [run for run in runs if run["kind"] == "pace" and "latency_ms" in run]
    whole = [run for run in runs if run["kind"] == "whole" and _RATE in run]
    found: dict[str, Any] = {}
    if turns:
        found[_RATE] = spread([run[_RATE] for run in turns])
        found["cpu_per_million"] = {
            who: spread(spent)
            for who in ("process", "postgres")
            if (spent := [run["cpu_per_million"][who] for run in turns if run["cpu_per_million"][who] is not None])
        }
        for name, digits in (("wal_bytes_per_event", 0), ("wal_pages_per_event", 2)):
            if wal := [run[name] for run in turns if name in run]:
                found[name] = spread(wal, digits)
    if peaks := [run["peak_mb"] for run in (*turns, *whole) if run.get("peak_mb")]:
        found["peak_mb"] = {
            "greatest_process": spread([peak[0] for peak in peaks]),
            "all_processes": spread([sum(peak) for peak in peaks]),
        }
    if whole:
        found["whole"] = [{name: run[name] for name in ("events", "seconds", _RATE, "peak_mb")} for run in whole]
    if paced:
        found["rate_of_latency"] = spread([run["rate"] for run in paced])
        found["missing"] = sum(run["missing"] for run in paced)
        for name in ("latency_ms", "critical_ms", "sender_late_ms"):
            if rows := [run[name] for run in paced if name in run]:
                found[name] = {place: spread([row[place] for row in rows]) for place in rows[0]}
    failed = [run["failed"] for run in runs if "failed" in run]
    if failed:
        found["failed"] = {"runs": len(failed), "reason": failed[-1]}
    return found


def _ratios(figure: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if _RATE not in figure:
        return {}
    held_against = {
        name: others[name][_RATE]["median"] for name in (*YARDSTICKS, BY_HAND) if _RATE in others.get(name, {})
    }
    return {"ratio_to": {name: round(figure[_RATE]["median"] / rate, 4) for name, rate in held_against.items()}}
