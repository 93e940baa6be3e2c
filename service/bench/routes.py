"""What a thousand routes cost an event beside ten: the whole core, read, judge and settle, on a store in memory.

Both playbooks decide the same: the ten routes name a team for each category, and the others single out one kind,
region, tier and category each and name the same team. The demo's feedback is taken without its process events, which
no route ever sees and which would make any tree look cheap. The two run in turns, each first in every other one, so
that what else the machine does falls on both. Garbage is taken away before a run, or the next one would pay for it, and
the first run of all, which fills the caches, is not counted.
"""

import gc
from collections.abc import Sequence
from itertools import cycle, islice, product
from statistics import median
from typing import Any

from service.bench.scale import Say, Scale
from service.bench.stages import decided, demo_lines
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook, Routing
from service.core.records.words import UNMAPPED, FeedbackKind
from service.runtime.replay import Line

FEW, MANY = 10, 1_000
_REGIONS = ("uk", "de", "fr", "es")
_TIERS = ("", "silver", "gold", "platinum")
_FEEDBACK = b'"type":"feedback.'


async def routes(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return microseconds of CPU per event with few and with many routes, and the ratio of the two in each turn."""
    lines = [line for line in demo_lines(scale) if _FEEDBACK in line.value]
    few, many = (compile_playbook(routed(rules.playbook, count)) for count in (FEW, MANY))
    await _cost(lines, few)
    turns: list[tuple[float, float]] = []
    for number in range(1, scale.repeats + 1):
        if number % 2:
            turn = (await _cost(lines, few), await _cost(lines, many))
        else:
            turn = (await _cost(lines, many), await _cost(lines, few))[::-1]
        turns.append(turn)
        say(f"routes {number}/{scale.repeats}: few {turn[0]:.0f} us, many {turn[1]:.0f} us")
    ratios = [with_many / with_few for with_few, with_many in turns]
    return {
        "events": len(lines),
        "routes": {"few": FEW, "many": MANY},
        "microseconds_per_event": {
            "few": round(median(turn[0] for turn in turns), 1),
            "many": round(median(turn[1] for turn in turns), 1),
        },
        "many_to_few": {
            "median": round(median(ratios), 3),
            "min": round(min(ratios), 3),
            "max": round(max(ratios), 3),
        },
    }


async def _cost(lines: Sequence[Line], rules: Rules) -> float:
    gc.collect()
    return sum((await decided(lines, rules)).values()) / len(lines) * 1_000_000


def routed(playbook: Playbook, count: int) -> Playbook:
    """Give a playbook so many routes below its root, ten or more, all of them with matchers alone."""
    categories = (UNMAPPED, *(category.id for category in playbook.taxonomy))
    teams = dict(zip(categories, cycle(range(FEW)), strict=False))
    broad = [
        {
            "id": f"broad-{number}",
            "match": {"category": [category for category in categories if teams[category] == number]},
            "team": playbook.teams[number % len(playbook.teams)].id,
        }
        for number in range(FEW)
    ]
    narrow = [
        {
            "id": f"narrow-{number}",
            "match": {"kind": kind, "tier": tier, "region": region, "category": category},
            "team": broad[teams[category]]["team"],
        }
        for number, (kind, tier, region, category) in enumerate(
            islice(product(FeedbackKind, _TIERS, _REGIONS, categories), count - FEW)
        )
    ]
    root = {
        "team": playbook.routes.team,
        "arbitration": playbook.routes.arbitration,
        "group_by": playbook.routes.group_by,
        "routes": [*narrow, *broad],
    }
    return playbook.model_copy(update={"routes": Routing.model_validate(root)})
