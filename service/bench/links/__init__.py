"""What looking for process instances adds to a batch of feedback, at a registry of so many instances.

The same responses are decided as answers to surveys about an instance and, one batch later or before, as answers to
surveys about the company, which look for none; a batch of process events comes after each two. Each of the two comes
first in every other turn, so that what else the machine does, and what the first leaves behind, falls on both.
"""

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from service.adapters.postgres import migrate, open_pool
from service.bench.events import Published
from service.bench.links.batches import Engine
from service.bench.links.figures import Turn, figures, ratio
from service.bench.links.filled import fill, sizes
from service.bench.links.registry import Registry, referring, step
from service.bench.links.said import Twins, responses
from service.bench.links.warmed import warm
from service.bench.places import database, postgres
from service.bench.scale import Say, Scale
from service.bench.spent import postmaster_of
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pseudonym import PseudonymKey
from service.runtime.collector import spare_what_stays

__all__ = ["BATCH", "links", "measured", "steps"]

BATCH = 500
KEY = PseudonymKey(key_id="bench", secret=b"feedback-router bench")
_WARM_UP = 2


async def links(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Run the suite; `scale.events` are those of each kind in each of `scale.repeats` rounds.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer, or has too little disk.
    """
    registry = Registry(size=scale.instances, until=datetime.now(UTC).replace(microsecond=0))
    async with postgres(roomy=True) as server, database(server) as dsn:
        await migrate.upgrade(dsn)
        filled = await fill(dsn, registry, KEY, say)
        await warm(dsn, registry)
        say(f"links: {registry.size:,} instances after {filled:.0f} s")
        return {
            "instances": registry.size,
            "fill_seconds": round(filled, 1),
            "tables": await sizes(dsn),
            **await measured(dsn, registry, rules, scale, say),
        }


async def measured(dsn: str, registry: Registry, rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Decide the batches on a filled database that nobody else uses."""
    rules = compile_playbook(referring(rules.playbook))
    pool = await open_pool(dsn, size=1)
    try:
        engine = Engine(pool, rules, KEY, registry.until, await postmaster_of(dsn))
        turns = max(1, scale.events // BATCH)
        said = responses(registry, scale.seed, (turns * scale.repeats + _WARM_UP) * BATCH)
        told = steps(registry)
        spare_what_stays()
        for _ in range(_WARM_UP):
            await _turn(engine, said, told, linked_first=True)
        rounds: list[list[Turn]] = []
        for number in range(1, scale.repeats + 1):
            rounds.append([await _turn(engine, said, told, linked_first=turn % 2 == 0) for turn in range(turns)])
            say(f"links {number}/{scale.repeats}: {ratio(rounds[-1]):.3f} times a batch without a look-up")
    finally:
        await pool.close()
    return {"batch": BATCH, **figures(rounds, BATCH)}


async def _turn(engine: Engine, said: Iterator[Twins], told: Iterator[Published], *, linked_first: bool) -> Turn:
    twins = list(islice(said, BATCH))
    kinds = {"linked": [one.linked for one in twins], "relationship": [one.relationship for one in twins]}
    order = list(kinds) if linked_first else list(reversed(kinds))
    gc.collect()
    costs = {kind: await engine.decide(kinds[kind]) for kind in order}
    return Turn(**costs, steps=await engine.decide(list(islice(told, BATCH))))


def steps(registry: Registry) -> Iterator[Published]:
    """Yield process events without end: each time that an instance starts, one of five days ago is completed."""
    lag = max(1, registry.size * 5 // 365)
    number = registry.size
    while True:
        yield step(registry, number, "start", registry.until)
        yield step(registry, number - lag, "complete", registry.until)
        number += 1
