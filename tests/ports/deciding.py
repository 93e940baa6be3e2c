"""Events -> batches through the real pipeline on any store, and everything that the store then tells."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from service.core.pipeline.rules import compile_playbook
from service.ports import Archive, ConflictError, Lease, PartitionKey, Store
from service.runtime.batch import Ran, run_batch
from tests.builders import START, make_playbook, read_event, survey

RULES = compile_playbook(make_playbook())
PAGE = 10_000


def partition(number: int = 0) -> PartitionKey:
    return PartitionKey(cluster="c", group="g", topic="t", partition=number)


async def claimed(store: Store, number: int = 0) -> Lease:
    (lease,) = await store.claim([partition(number)])
    return lease


async def decide(store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime = START) -> Ran:
    """Decide events that happened at a time, then."""
    records = [read_event(event, at, RULES, place) for place, event in enumerate(events)]
    return await run_batch(store, lease, records, (lease.next_offset or 0) + len(records), RULES, lambda _: at)


async def decide_stubbornly(store: Store, lease: Lease, *events: Mapping[str, Any], at: datetime = START) -> Ran:
    """As `decide`, from the first statement again as often as the store asks for it."""
    while True:
        try:
            return await decide(store, lease, *events, at=at)
        except ConflictError:
            continue


def complaint(number: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of the contract
    """An answer that opens or joins the alert about late delivery, from a customer of its own."""
    return survey(f"r{number}", 0, "late, awful", **{"customer": f"customer-{number}", **more})


async def told(archive: Archive) -> dict[str, Any]:
    """Everything that an archive tells."""
    return {
        "feedback": [line async for line in archive.feedback()],
        "alerts": [line async for line in archive.alerts()],
        "notices": [line async for line in archive.notices()],
        "reviews": [line async for line in archive.reviews()],
        "rejected": [line async for line in archive.rejected()],
        "books": await archive.books(),
    }


async def retold(archive: Archive, name: str) -> Sequence[Mapping[str, Any]]:
    lines: Sequence[Mapping[str, Any]] = (await told(archive))[name]
    return lines


def days(count: float) -> timedelta:
    return timedelta(days=count)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
