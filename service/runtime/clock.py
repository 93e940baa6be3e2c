"""The leases of a consumer group and the times of a partition's next records -> what the stream clock allows next.

The clock is the least event time over the partitions that are not at their end; where all are, the greatest. It never
goes back: a partition that comes back from its end, or is new to a running group, starts at the clock. It never locks
up: a partition that is too far ahead publishes the time of its next record, and the one with the least may go on.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from service.core.pipeline.cadence import Cadences
from service.ports import Lease

# How far a record may be ahead of the other partitions, by default, before it has to wait for them.
AHEAD = timedelta(minutes=15)
# What `now` is before any record had a readable time.
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)

_NEVER = datetime.max.replace(tzinfo=UTC)

NowOf = Callable[[datetime | None], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """The first `count` records may be decided together, in order, each at what `now_of` makes of its event time.

    `now_of` is for one use; no record's `now` is later than `until`.
    """

    count: int
    now_of: NowOf
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """The first record makes something due: what is due by `now` runs first."""

    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The first record is too far ahead of the others: publish its time as `stream_at`, and ask again."""

    stream_at: datetime


Plan = Go | Fire | Wait


def clock(leases: Iterable[Lease]) -> datetime | None:
    """Return the time of a group of partitions; None while one of them has read nothing and is not at its end."""
    leases = tuple(leases)
    if any(not lease.at_end and lease.stream_at is None for lease in leases):
        return None
    moving = [lease.stream_at for lease in leases if not lease.at_end and lease.stream_at is not None]
    if moving:
        return min(moving)
    return max((lease.stream_at for lease in leases if lease.stream_at is not None), default=None)


def resumed(own: Lease, others: Iterable[Lease]) -> Lease:
    """Return the lease as it must stand before its next record: a partition that held nobody up starts at the clock."""
    if not own.at_end and own.stream_at is not None:
        return own
    # Those that have committed nothing have not moved the clock; at a first start that is all of them.
    moved = [other for other in others if other.next_offset is not None and other.stream_at is not None]
    mine = [own] if own.at_end and own.stream_at is not None else []
    known = [at for at in (own.stream_at, clock([*moved, *mine])) if at is not None]
    return replace(own, stream_at=max(known, default=None), at_end=False)


def plan(
    own: Lease,
    others: Collection[Lease],
    times: Sequence[datetime | None],
    due: datetime | None,
    floor: datetime = BEGINNING,
    ahead: timedelta = AHEAD,
    ticks: Cadences | None = None,
) -> Plan:
    """Say what may happen with the next records of a partition that `resumed`.

    Args:
        own: the partition's lease.
        others: those of the other partitions.
        times: the greatest event time of each next message, None where nothing in it was readable; at least one.
        due: when the next timer or tick is due.
        floor: the greatest `now` that was used before.
        ahead: how far a record may be ahead of the others.
        ticks: when a tick is due, for those that the records themselves ask for.
    """
    horizon = _horizon(others)
    now_of = _now_of(own.stream_at, horizon, floor)
    until = floor
    for count, at in enumerate(times):
        too_far = at is not None and _is_too_far(at, horizon, ahead)
        now = now_of(at)
        if too_far or (due is not None and now >= due):
            if count:
                return Go(count=count, now_of=_now_of(own.stream_at, horizon, floor), until=until)
            return Wait(stream_at=max(at, own.stream_at or at)) if at is not None and too_far else Fire(now=now)
        until = now
        if ticks is not None and at is not None:
            # A record asks for the tick of its window, which must run before what comes after can correct it.
            tick = ticks.due_after(at)
            due = tick if tick > now and (due is None or tick < due) else due
    return Go(count=len(times), now_of=_now_of(own.stream_at, horizon, floor), until=until)


def may_proceed(at: datetime, others: Iterable[Lease], ahead: timedelta = AHEAD) -> bool:
    """Tell whether a record of this event time need no longer wait for the other partitions."""
    return not _is_too_far(at, _horizon(others), ahead)


def _is_too_far(at: datetime, horizon: datetime, ahead: timedelta) -> bool:
    return at > horizon and at - horizon > ahead


def _horizon(others: Iterable[Lease]) -> datetime:
    """Return the least time of the others that are not at their end: never where there is none, else the beginning."""
    return min((lease.stream_at or BEGINNING for lease in others if not lease.at_end), default=_NEVER)


def _now_of(own_at: datetime | None, horizon: datetime, floor: datetime) -> NowOf:
    highest = own_at

    def now_of(at: datetime | None) -> datetime:
        nonlocal highest
        if at is not None:
            highest = at if highest is None else max(highest, at)
        return floor if highest is None else max(floor, min(horizon, highest))

    return now_of
