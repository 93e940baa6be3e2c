"""Dice and the figures of a process -> its instances, of whose complaints one cause was planted, or none.

An order is received, checked, approved, packed and shipped. Some are sent round a loop of rework, some wait long for
the warehouse, some run under a new version: one of these makes complaints more frequent, or none does, and outages
always do. Beside each goes a confounder, an attribute that most such instances have and few others, which causes
nothing; an outage goes with entries by hand, which cause nothing either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import numpy as np

from service.core.cause import Case, FeatureKind, Visit

BY_HAND = "enter by hand"
_BEGIN = datetime(2026, 9, 7, 8, tzinfo=UTC)


class Plant(StrEnum):
    """What can be planted: rework sends an instance round a loop, a handoff is slow, a version is bad."""

    LOOP = "loop"
    HANDOFF = "handoff"
    VERSION = "version"


# By what each plant is to be found, and which attribute is its confounder.
SOUGHT: Mapping[Plant, tuple[FeatureKind, str]] = {
    Plant.LOOP: (FeatureKind.ACTIVITY, "correct"),
    Plant.HANDOFF: (FeatureKind.WAIT, "approve -> pack"),
    Plant.VERSION: (FeatureKind.VERSION, "7"),
}
CONFOUNDERS: Mapping[Plant, str] = {Plant.LOOP: "form", Plant.HANDOFF: "desk", Plant.VERSION: "browser"}
CONFOUNDED = "new"
# These have nothing to do with any plant.
ATTRIBUTES = ("channel", "product", "amount", "payment", "carrier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`negative` is the share of instances that are complained of, `planted` of those that have each of the plants.

    With the one that counts an instance is complained of `lift` times as often as without, in an outage `outage_lift`
    times. Of instances with a plant `confounded` have its confounder, of others `confounded_else`; of instances in an
    outage `by_hand` were entered by hand, of others `by_hand_else`. A slow handoff takes `slower` times as long.
    """

    instances: int = 2_000
    negative: float = 0.08
    planted: float = 0.12
    lift: float = 3.0
    confounded: float = 0.6
    confounded_else: float = 0.08
    outage: float = 0.06
    outage_lift: float = 3.0
    by_hand: float = 0.6
    by_hand_else: float = 0.06
    slower: float = 20.0


def draw_cases(dice: np.random.Generator, process: Process, plant: Plant | None) -> tuple[Case, ...]:
    """Draw the instances of one process; without a plant nothing but an outage makes a difference."""
    count = process.instances
    outage = dice.random(count) < process.outage
    struck = {each: dice.random(count) < process.planted for each in Plant}
    chance = np.where(outage, process.outage_lift, 1.0)
    if plant is not None:
        chance *= np.where(struck[plant], process.lift, 1.0)
    negative = dice.random(count) < np.minimum(1.0, process.negative * chance / chance.mean())
    confounded = {
        each: dice.random(count) < np.where(struck[each], process.confounded, process.confounded_else) for each in Plant
    }
    by_hand = dice.random(count) < np.where(outage, process.by_hand, process.by_hand_else)
    said = _said(dice, count)
    return tuple(
        Case(
            instance_id=f"order-{at:05}",
            negative=bool(negative[at]),
            outage=bool(outage[at]),
            version=SOUGHT[Plant.VERSION][1] if struck[Plant.VERSION][at] else said["version"][at],
            tier=said["tier"][at],
            region=said["region"][at],
            attributes={
                **{name: said[name][at] for name in ATTRIBUTES},
                **{CONFOUNDERS[each]: CONFOUNDED if confounded[each][at] else "old" for each in Plant},
            },
            visits=_visits(
                dice,
                _BEGIN + timedelta(minutes=17 * at),
                by_hand=bool(by_hand[at]),
                loop=bool(struck[Plant.LOOP][at]),
                slower=process.slower if struck[Plant.HANDOFF][at] else 1.0,
            ),
        )
        for at in range(count)
    )


def _said(dice: np.random.Generator, count: int) -> Mapping[str, list[str]]:
    """Draw what is said of each instance and makes no difference."""
    return {
        "version": dice.choice(("5", "6"), count).tolist(),
        "tier": dice.choice(("gold", "silver", "none"), count, p=(0.1, 0.3, 0.6)).tolist(),
        "region": dice.choice(("north", "south", "east"), count).tolist(),
        "channel": dice.choice(("web", "shop", "phone", "mail"), count, p=(0.5, 0.25, 0.15, 0.1)).tolist(),
        "product": [f"P{kind % 12}" for kind in dice.zipf(1.6, count).tolist()],
        "amount": [f"{amount:.2f}" for amount in dice.lognormal(4, 1, count).tolist()],
        "payment": dice.choice(("card", "invoice"), count, p=(0.7, 0.3)).tolist(),
        "carrier": dice.choice(("C0", "C1", "C2"), count).tolist(),
    }


def _visits(
    dice: np.random.Generator, began_at: datetime, *, by_hand: bool, loop: bool, slower: float
) -> tuple[Visit, ...]:
    """Draw a path: beside rework and entries by hand there are detours that any instance may take."""
    papers, supplier, inspected, parcels = (dice.random(4) < (0.1, 0.25, 0.3, 0.2)).tolist()
    road = [
        ("receive", "front"),
        *([(BY_HAND, "front")] if by_hand else []),
        ("check", "credit"),
        *([("correct", "front"), ("check", "credit")] if loop else []),
        *([("ask for papers", "front"), ("check", "credit")] if papers else []),
        *([("order", "purchasing")] if supplier else []),
        ("approve", "credit"),
        ("pack", "warehouse"),
        *([("inspect", "quality")] if inspected else []),
        ("ship", "carrier"),
        *([("ship", "carrier")] if parcels else []),
    ]
    waits = dice.lognormal(1, 0.8, len(road)).tolist()
    spent = dice.lognormal(-0.5, 0.5, len(road)).tolist()
    at, visits = began_at, []
    for (activity, team), wait, work in zip(road, waits, spent, strict=True):
        began = at + timedelta(hours=wait * (slower if activity == "pack" else 1))
        at = began + timedelta(hours=work)
        visits.append(Visit(activity=activity, team=team, started_at=began, ended_at=at))
    return tuple(visits)
