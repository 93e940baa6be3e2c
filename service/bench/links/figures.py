"""Turns, each of one batch of every kind -> medians, ratios and what the added cost is spent on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median, quantiles
from typing import Any

from service.bench.links.batches import Cost

_CORE = "core"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a batch of responses that are linked cost, the same without a look-up, and one of process events."""

    linked: Cost
    relationship: Cost
    steps: Cost


def ratio(turns: Sequence[Turn]) -> float:
    return median(_ratios(turns))


def _ratios(turns: Sequence[Turn]) -> list[float]:
    """Compare two turns at a time: the later batch of a turn finds what the earlier one left, and they take turns."""
    pairs = [turns[at : at + 2] for at in range(0, len(turns), 2)]
    return [
        sum(turn.linked.spent.wall for turn in pair) / sum(turn.relationship.spent.wall for turn in pair)
        for pair in pairs
    ]


def figures(rounds: Sequence[Sequence[Turn]], batch: int) -> dict[str, Any]:
    """Put together the report of some rounds of at least one turn each."""
    turns = list(chain.from_iterable(rounds))
    kinds = {
        "linked": [turn.linked for turn in turns],
        "relationship": [turn.relationship for turn in turns],
        "process_events": [turn.steps for turn in turns],
    }
    links: dict[str, int] = {}
    for cost in kinds["linked"]:
        for (status, method), count in cost.books.links.items():
            links[f"{status}/{method}"] = links.get(f"{status}/{method}", 0) + count
    return {
        "rounds": len(rounds),
        "turns_per_round": len(rounds[0]),
        "milliseconds_per_batch": {kind: _milliseconds(costs) for kind, costs in kinds.items()},
        "linked_to_relationship": _spread([ratio(one) for one in rounds]),
        "linked_to_relationship_by_cpu": _spread([_by_cpu(one) for one in rounds]),
        "linked_to_relationship_by_two_turns": _quartiles([one for turns in rounds for one in _ratios(turns)]),
        "process_events_per_second": round(batch / median(cost.spent.wall for cost in kinds["process_events"])),
        "process_events_to_relationship": _spread(
            [median(turn.steps.spent.wall / turn.relationship.spent.wall for turn in one) for one in rounds]
        ),
        "links": dict(sorted(links.items())),
        "milliseconds_by_statement": _by_statement(kinds),
    }


def _by_statement(kinds: Mapping[str, Sequence[Cost]]) -> dict[str, dict[str, float]]:
    """Give what a batch of each kind spends on each statement, and on all that is none."""
    names = sorted({name for costs in kinds.values() for cost in costs for name in cost.statements})
    found = {
        name: {kind: _median([cost.statements.get(name, 0.0) for cost in costs]) for kind, costs in kinds.items()}
        for name in names
    }
    found[_CORE] = {
        kind: _median([cost.spent.wall - sum(cost.statements.values()) for cost in costs])
        for kind, costs in kinds.items()
    }
    return {name: times for name, times in found.items() if any(times.values())}


def _milliseconds(costs: Sequence[Cost]) -> dict[str, float | None]:
    postgres = [cost.spent.postgres for cost in costs if cost.spent.postgres is not None]
    return {
        "wall": _median([cost.spent.wall for cost in costs]),
        "cpu_process": _mean([cost.spent.process for cost in costs]),
        "cpu_postgres": _mean(postgres) if postgres else None,
    }


def _by_cpu(turns: Sequence[Turn]) -> float:
    linked, relationship = (
        sum(cost.spent.process + (cost.spent.postgres or 0.0) for cost in costs)
        for costs in ([turn.linked for turn in turns], [turn.relationship for turn in turns])
    )
    return linked / relationship


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(median(values), 3), "min": round(min(values), 3), "max": round(max(values), 3)}


def _quartiles(values: Sequence[float]) -> dict[str, float]:
    found = quantiles(values, n=4) if len(values) > 1 else [*values] * 3
    return {name: round(value, 3) for name, value in zip(("q1", "median", "q3"), found, strict=True)}


def _median(seconds: Sequence[float]) -> float:
    return round(median(seconds) * 1_000, 2)


def _mean(seconds: Sequence[float]) -> float:
    return round(sum(seconds) / len(seconds) * 1_000, 1)
