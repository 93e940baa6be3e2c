"""How often the right incident is found: real incidents and verbatims, drawn feedback about them (semi-synthetic).

Precision counts what was linked; recall counts what was written so that the words leave one answer, and the one that is
meant. Both are judged by the incident that is meant, which the draw knows.
"""

import json
import random
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from service.adapters.memory import MemoryStore
from service.adapters.postgres import PostgresArchive, PostgresStore, open_pool
from service.assets import playbooks
from service.cli.speech import open_rules
from service.core.pipeline.read import ReadRecord, read
from service.core.pipeline.rules import Rules
from service.core.records.feedback import Message
from service.ports import Archive, PartitionKey, Store
from service.runtime.batch import run_batch
from tests.builders import KEY
from tests.quality.links.labelled import Draw, Labelled, by_words, incidents, is_answerable, verbatims

pytestmark = pytest.mark.quality

SEED = 7
BATCH = 50
LATEST = timedelta(hours=48)
PLACE = PartitionKey(cluster="c", group="g", topic="feedback", partition=0)

# Events with the time at which each arrives.
Arrivals = Sequence[tuple[datetime, Mapping[str, Any]]]
Links = Mapping[str, tuple[str, str, str, str | None, tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was made of the feedback of one group."""

    texts: int
    answerable: int
    linked: int
    right: int
    found: int
    as_worded: int

    @property
    def precision(self) -> float:
        return self.right / self.linked if self.linked else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.answerable if self.answerable else 1.0

    def row(self) -> dict[str, float]:
        return {**vars(self), "precision": round(self.precision, 4), "recall": round(self.recall, 4)}


@pytest.fixture(scope="module")
def rules() -> Rules:
    return open_rules(playbooks() / "servicenow")


@pytest.fixture(scope="module")
def draw(shared_data: Path) -> Draw:
    return _draw(shared_data)


def _draw(shared_data: Path, share: int = 1) -> Draw:
    known = incidents(shared_data / "servicenow_incidents.raw.jsonl")
    return Draw(known, verbatims(shared_data / "nhs_survey.raw.jsonl"), SEED, share)


async def test_the_right_incident_is_found_and_none_is_guessed(
    draw: Draw, rules: Rules, capsys: pytest.CaptureFixture[str]
) -> None:
    links = await _linked_in_memory(_in_order(draw), rules)
    table = _table(draw, links)
    with capsys.disabled():
        for name, found in table.items():
            sys.stdout.write(json.dumps({"group": name, **found.row()}) + "\n")
    assert (table["explicit"].precision, table["explicit"].recall) == (1.0, 1.0)
    for group in ("customer", "reference"):
        assert table[group].precision >= 0.98
        assert table[group].recall >= 0.9
    assert (table["nothing"].linked, table["several"].linked) == (0, 0)
    odd = [(one, links[one.name]) for one in draw.feedback if not _is_as_worded(one, links, draw)]
    assert odd == []


@pytest.mark.parametrize("arrive", ["shuffled", "late"])
async def test_the_order_of_arrival_changes_no_link(draw: Draw, rules: Rules, arrive: str) -> None:
    arrivals: dict[str, Callable[[Draw], Arrivals]] = {"shuffled": _shuffled, "late": _late}
    there = await _linked_in_memory(arrivals[arrive](draw), rules)
    assert _differences(there, await _linked_in_memory(_in_order(draw), rules)) == {}


@pytest.mark.postgres
async def test_postgresql_links_a_share_alike_when_process_events_are_late(
    shared_data: Path, rules: Rules, database: str
) -> None:
    draw = _draw(shared_data, share=8)
    pool = await open_pool(database, size=4)
    there = await _linked(PostgresStore(pool), PostgresArchive(pool), _late(draw), rules)
    await pool.close()
    assert _differences(there, await _linked_in_memory(_in_order(draw), rules)) == {}


def _events(draw: Draw) -> list[tuple[datetime, Mapping[str, Any]]]:
    said = [event for one in draw.incidents.values() for event in one.events()]
    every = [*said, *(one.event for one in draw.feedback)]
    return [(datetime.fromisoformat(event["time"]), event) for event in every]


def _in_order(draw: Draw) -> Arrivals:
    return sorted(_events(draw), key=lambda arrival: arrival[0])


def _late(draw: Draw) -> Arrivals:
    """Let process events arrive up to 48 hours late, each by its own delay."""
    dice = random.Random(SEED)
    late = [(at + LATEST * dice.random() if "instance" in event["data"] else at, event) for at, event in _events(draw)]
    return sorted(late, key=lambda arrival: arrival[0])


def _shuffled(draw: Draw) -> Arrivals:
    """Let everything arrive in any order within an hour, after all of it has happened."""
    events = _events(draw)
    random.Random(SEED).shuffle(events)
    end = max(at for at, _ in events)
    return [(end + timedelta(hours=1) * place / len(events), event) for place, (_, event) in enumerate(events)]


async def _linked_in_memory(arrivals: Arrivals, rules: Rules) -> Links:
    store = MemoryStore()
    return await _linked(store, store, arrivals, rules)


async def _linked(store: Store, archive: Archive, arrivals: Arrivals, rules: Rules) -> Links:
    """Decide in batches, each when its last event has arrived, and return the link of each feedback in the end."""
    (lease,) = await store.claim([PLACE])
    for first in range(0, len(arrivals), BATCH):
        batch = arrivals[first : first + BATCH]
        now = batch[-1][0]
        records = [_read(event, at, first + place, rules) for place, (at, event) in enumerate(batch)]
        lease = (await run_batch(store, lease, records, first + len(batch), rules, lambda _, now=now: now)).lease  # type: ignore[misc]
    return {row["event_id"]: _link(row["link"]) async for row in _rows(archive)}


async def _rows(archive: Archive) -> AsyncIterator[Mapping[str, Any]]:
    async for row in archive.feedback():
        yield row


def _link(link: Mapping[str, Any]) -> tuple[str, str, str, str | None, tuple[str, ...]]:
    return (link["status"], link["method"], link["reason"], link["instance_id"], tuple(link["candidates"]))


def _read(event: Mapping[str, Any], at: datetime, offset: int, rules: Rules) -> ReadRecord:
    message = Message(topic="feedback", partition=0, offset=offset, key=None, value=orjson.dumps(event), received_at=at)
    (record,) = read(message, rules, KEY)
    return record


def _table(draw: Draw, links: Links) -> dict[str, Found]:
    groups: defaultdict[str, list[Labelled]] = defaultdict(list)
    for one in draw.feedback:
        groups[one.group].append(one)
        groups[f"{one.group}.{one.kind}"].append(one)
    return {name: _found(groups[name], links, draw) for name in sorted(groups)}


def _found(group: Sequence[Labelled], links: Links, draw: Draw) -> Found:
    linked = [one for one in group if links[one.name][0] == "linked"]
    right = [one for one in linked if one.meant == links[one.name][3]]
    answerable = [one for one in group if is_answerable(one, draw.incidents)]
    return Found(
        texts=len(group),
        answerable=len(answerable),
        linked=len(linked),
        right=len(right),
        found=sum(one in right for one in answerable),
        as_worded=sum(_is_as_worded(one, links, draw) for one in group),
    )


def _is_as_worded(one: Labelled, links: Links, draw: Draw) -> bool:
    status, _, _, instance_id, _ = links[one.name]
    return (status, instance_id) == by_words(one, draw.incidents)


def _differences(here: Links, there: Links) -> dict[str, object]:
    return {name: (here.get(name), there.get(name)) for name in {*here, *there} if here.get(name) != there.get(name)}
