"""How many events a second the whole road decides, beside what reading alone and bare writing reach.

The three run in turns, so that what else the machine does falls on all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from service.adapters.postgres import migrate
from service.bench.deciding import share_of
from service.bench.events import survey_events
from service.bench.places import Place, database, publish, servers, topics
from service.bench.road import Travelled, travel
from service.bench.scale import Say, Scale
from service.bench.spent import Spent, Watch, postmaster_of
from service.bench.written import Written, written
from service.bench.yardsticks import fetch_only, write_only
from service.core.pipeline.rules import Rules
from service.ports import OutOfReachError

_PARTITIONS = 4
_MOST_SECONDS = 60.0
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """`listening` is the road once more, with a classifier."""

    road: Travelled
    listening: Travelled | None
    fetch_only: Spent
    write_only: Spent
    tables: Mapping[str, Written]


async def end_to_end(rules: Rules, scale: Scale, say: Say, *, with_classifier: bool = False) -> dict[str, Any]:
    """Run the suite; with a classifier, which is trained before, the road is taken twice in each turn.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer, or a run took more than 60 s.
    """
    also = _listening(rules, scale, say) if with_classifier else None
    async with servers() as place, topics(place, {"in": _PARTITIONS}) as names:
        events = list(survey_events(scale.seed, scale.events, datetime.now(UTC)))
        size = sum(len(event.value) for event in events) / len(events)
        say(f"end-to-end: {len(events)} events of {size:.0f} bytes into {_PARTITIONS} partitions")
        await publish(place, names["in"], events)
        turns: list[_Turn] = []
        for number in range(1, scale.repeats + 1):
            turn = await _turn(place, names["in"], rules, also, scale)
            turns.append(turn)
            rates = {"road": turn.road.spent, "write-only": turn.write_only, "fetch-only": turn.fetch_only}
            if turn.listening is not None:
                rates["road with a classifier"] = turn.listening.spent
            said = ", ".join(f"{len(events) / spent.wall:,.0f}" for spent in rates.values())
            say(f"end-to-end {number}/{scale.repeats}: {', '.join(rates)} in events/s: {said}")
    return _figures(turns, scale, size, transactional=place.transactional)


def _listening(rules: Rules, scale: Scale, say: Say) -> Rules:
    from service.bench.hearing import LINES, listening, spoken, taught  # noqa: PLC0415 - training takes a second to import.

    return listening(rules, taught(spoken(scale.seed, LINES), scale.seed, say))


async def _turn(place: Place, topic: str, rules: Rules, also: Rules | None, scale: Scale) -> _Turn:
    events = scale.events
    postmaster = await postmaster_of(place.dsn)
    heard = None if also is None else (await _road(place, topic, also, scale, postmaster))[0]
    road, tables, sample = await _road(place, topic, rules, scale, postmaster)
    async with _in_time("fetch-only"):
        fetched = await fetch_only(place, topic, _PARTITIONS, events, Watch(postmaster))
    async with database(place.dsn) as dsn, _in_time("write-only"):
        wrote = await write_only(place, dsn, topic, _PARTITIONS, events, tables, sample, Watch(postmaster))
    return _Turn(road=road, listening=heard, fetch_only=fetched, write_only=wrote, tables=tables)


async def _road(
    place: Place, topic: str, rules: Rules, scale: Scale, postmaster: int | None
) -> tuple[Travelled, Mapping[str, Written], str]:
    async with (
        database(place.dsn) as dsn,
        topics(place, {"out": _PARTITIONS, "markers": 1}) as outgoing,
        _in_time("road"),
    ):
        await migrate.upgrade(dsn)
        share = share_of(place, dsn, topic, _PARTITIONS, scale.processes)
        road = await travel(place, outgoing, rules, scale.events, Watch(postmaster), share)
        outbox = Written(rows=road.relayed_rows, size=road.relayed_bytes)
        return road, *(await written(dsn, outbox=outbox))


@asynccontextmanager
async def _in_time(what: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            yield
    except TimeoutError:
        raise OutOfReachError(f"{what}: not done after {_MOST_SECONDS:.0f} s") from None


def _figures(turns: Sequence[_Turn], scale: Scale, size: float, *, transactional: bool) -> dict[str, Any]:
    last, events = turns[-1], scale.events
    return {
        "events": events,
        "bytes_per_event": round(size, 1),
        "partitions": _PARTITIONS,
        "processes": scale.processes,
        "repeats": len(turns),
        "relay": "transactional" if transactional else "at_least_once",
        "road": _of([turn.road.spent for turn in turns], events),
        "write_only": _of([turn.write_only for turn in turns], events),
        "fetch_only": _of([turn.fetch_only for turn in turns], events),
        "peak_megabytes_by_process": [
            round(max(peaks) / 2**20) for peaks in zip(*[turn.road.peaks for turn in turns], strict=True)
        ],
        "road_to_write_only": _spread([turn.write_only.wall / turn.road.spent.wall for turn in turns], 3),
        "road_to_write_only_by_cpu": _by_cpu(turns),
        "road_to_fetch_only": _spread([turn.fetch_only.wall / turn.road.spent.wall for turn in turns], 4),
        **_with_classifier(turns, events),
        "relayed": {"rows": last.road.relayed_rows, "records": last.road.relayed_records},
        "written": {
            name: {"rows": table.rows, "bytes_per_row": table.row_size} for name, table in sorted(last.tables.items())
        },
    }


def _with_classifier(turns: Sequence[_Turn], events: int) -> dict[str, Any]:
    """Say what the road with a classifier keeps of the rate of the road without."""
    pairs = [(turn.road.spent, turn.listening.spent) for turn in turns if turn.listening is not None]
    if not pairs:
        return {}
    return {
        "road_with_classifier": _of([heard for _, heard in pairs], events),
        "kept_with_classifier": _spread([road.wall / heard.wall for road, heard in pairs], 3),
        "kept_with_classifier_by_cpu": _spread([_cpu(road) / _cpu(heard) for road, heard in pairs], 3),
    }


def _cpu(spent: Spent) -> float:
    return spent.process + (spent.postgres or 0.0)


def _by_cpu(turns: Sequence[_Turn]) -> dict[str, float] | None:
    """Compare by CPU time, this process's and PostgreSQL's: what else a machine does weighs less on it than on time."""
    ratios = [
        (turn.write_only.process + turn.write_only.postgres) / (turn.road.spent.process + turn.road.spent.postgres)
        for turn in turns
        if turn.write_only.postgres is not None and turn.road.spent.postgres is not None
    ]
    return _spread(ratios, 3) if ratios else None


def _of(runs: Sequence[Spent], events: int) -> dict[str, Any]:
    postgres = [spent.postgres for spent in runs if spent.postgres is not None]
    return {
        "events_per_second": _spread([events / spent.wall for spent in runs], 0),
        "cpu_seconds_per_million": {
            "process": _spread([spent.process / events * _MILLION for spent in runs], 1),
            "postgres": _spread([seconds / events * _MILLION for seconds in postgres], 1) if postgres else None,
        },
    }


def _spread(values: Sequence[float], digits: int) -> dict[str, float]:
    found = {"median": median(values), "min": min(values), "max": max(values)}
    return {name: round(value, digits) for name, value in found.items()}
