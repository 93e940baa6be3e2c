"""What a thousand routes and 200 silences cost an event beside ten and none: the whole core, on a store in memory.

Both playbooks decide the same: the ten routes name a team for each category, and the others single out one kind,
region, tier and category each and name the same team. A silence names a category and one of these. The demo's feedback
is taken without its process events, which no route ever sees and which would make any tree look cheap. The two run in
turns, each first in every other one, so that what else the machine does falls on both. Garbage is taken away before a
run, or the next one would pay for it, and the first run of all, which fills the caches, is not counted.
"""

import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle, islice, product
from statistics import median
from typing import Any

from service.bench.scale import Say, Scale
from service.bench.stages import decided, demo_lines
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook, Routing
from service.core.records.muting import Silence
from service.core.records.words import UNMAPPED, FeedbackKind
from service.runtime.replay import Line

FEW, MANY = 10, 1_000
SILENCES = 200
_REGIONS = ("uk", "de", "fr", "es")
_TIERS = ("", "silver", "gold", "platinum")
_SINCE, _UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
_FEEDBACK = b'"type":"feedback.'


async def routes(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return microseconds of CPU per event with few and with many routes, and the ratio of the two in each turn."""
    lines = [line for line in demo_lines(scale) if _FEEDBACK in line.value]
    few, many = (compile_playbook(routed(rules.playbook, count)) for count in (FEW, MANY))
    hushed = silences(many.playbook)
    await _cost(lines, few, ())
    turns: list[tuple[float, float]] = []
    for number in range(1, scale.repeats + 1):
        if number % 2:
            turn = (await _cost(lines, few, ()), await _cost(lines, many, hushed))
        else:
            turn = (await _cost(lines, many, hushed), await _cost(lines, few, ()))[::-1]
        turns.append(turn)
        say(f"routes {number}/{scale.repeats}: few {turn[0]:.0f} us, many {turn[1]:.0f} us")
    ratios = [with_many / with_few for with_few, with_many in turns]
    return {
        "events": len(lines),
        "routes": {"few": FEW, "many": MANY},
        "silences": {"few": 0, "many": len(hushed)},
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


async def _cost(lines: Sequence[Line], rules: Rules, hushed: Sequence[Silence]) -> float:
    gc.collect()
    return sum((await decided(lines, rules, hushed)).values()) / len(lines) * 1_000_000


def silences(playbook: Playbook) -> tuple[Silence, ...]:
    """Silence 200 of the narrow routes, each for one category, for as long as the demo runs."""
    narrow = [route for route in playbook.routes.routes if route.id.startswith("narrow")]
    return tuple(
        Silence(
            silence_id=f"silence-{number}",
            matchers={"category": route.match["category"], "route": (route.id,)},
            author="bench",
            reason="to be measured",
            created_at=_SINCE,
            starts_at=_SINCE,
            ends_at=_UNTIL,
        )
        for number, route in enumerate(islice(narrow, 0, None, max(1, len(narrow) // SILENCES)), start=1)
        if number <= SILENCES
    )


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
