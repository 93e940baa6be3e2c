"""What goes to channels outside, in memory: saved with its decision, lent to whoever sends, ended with a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from service.adapters.memory.mailroom import Mailroom
from service.adapters.memory.rows import Rows
from service.adapters.memory.store import MemoryStore
from service.core.records.deliveries import ChannelState, Delivery, Known, Listed, Tries, Waiting
from service.core.records.words import DeliveryState, Unsent
from service.ports import ChannelCounts, Claimed, DeliveriesWanted, Ended, Landed
from service.ports.deliveries import Admit, Change

_OPEN = (DeliveryState.WAITING, DeliveryState.FAILED)


class MemoryDeliveries:
    """Implements Deliveries over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._room = store.rows.mailroom

    async def waiting_channels(self, now: datetime) -> Sequence[str]:
        return sorted({one.delivery.channel for one in _waiting(self._room) if one.due_at <= now})

    async def claim(
        self, channel: str, limit: int, lease: str, now: datetime, until: datetime, admit: Admit
    ) -> Sequence[Claimed]:
        room = self._room
        state = room.channels.get(channel) or ChannelState(channel=channel)
        heads: dict[str, Listed] = {}
        for one in _waiting(room):
            if one.delivery.channel == channel:
                heads.setdefault(one.delivery.thread, one)
        free = [one for one in heads.values() if one.due_at <= now and not _is_lent(room, one.place, now)]
        free.sort(key=lambda one: (one.due_at, one.place))
        granted, state = admit(state, len(free[:limit]))
        if granted:
            room.channels[channel] = state
        return [self._lend(one, lease, until) for one in free[:granted]]

    def _lend(self, head: Listed, lease: str, until: datetime) -> Claimed:
        room, thread = self._room, (head.delivery.channel, head.delivery.thread)
        room.lent[head.place] = (lease, until)
        mine = [one for one in _waiting(room) if (one.delivery.channel, one.delivery.thread) == thread]
        waiting = tuple(Waiting(place=one.place, delivery=one.delivery, tries=one.tries) for one in mine)
        return Claimed(waiting=waiting, known=room.known.get(thread), lease=lease, until=until)

    async def record(self, recorded: Landed, now: datetime, change: Change | None) -> bool:
        room, first = self._room, recorded.claimed.waiting[0]
        channel = first.delivery.channel
        if change is not None:
            room.channels[channel] = change(room.channels.get(channel) or ChannelState(channel=channel))
        lease, _ = room.lent.get(first.place, (None, None))
        if lease != recorded.claimed.lease or room.deliveries[first.place].state not in _OPEN:
            return False
        for ended in recorded.ended:
            room.lent.pop(ended.place, None)
            room.deliveries[ended.place] = _as_ended(room.deliveries[ended.place], ended, now)
        if recorded.known is not None:
            name = (channel, first.delivery.thread)
            room.known[name] = _known(room.known.get(name), recorded.known)
            room.told_at[name] = now
        return True

    async def drop(self, channel: str, now: datetime, limit: int) -> int:
        mine = [one for one in _waiting(self._room) if one.delivery.channel == channel]
        gone = [one for one in mine if not _is_lent(self._room, one.place, now)][:limit]
        for one in gone:
            ended = replace(one, state=DeliveryState.DEAD, unsent=Unsent.CHANNEL_GONE, ended_at=now)
            self._room.deliveries[one.place] = ended
        return len(gone)

    async def put(self, delivery: Delivery) -> None:
        self._room.keep(delivery)

    async def again(self, delivery_id: str, now: datetime) -> Listed | None:
        found = _named(self._room, delivery_id)
        if found is not None and found.state is DeliveryState.DEAD:
            found = replace(found, state=DeliveryState.WAITING, tries=Tries(), due_at=now, ended_at=None, unsent=None)
            self._room.deliveries[found.place] = found
        return found


class MemoryDelivered:
    """Implements DeliveriesRead."""

    _rows: Rows

    async def deliveries(self, wanted: DeliveriesWanted, before: int | None, limit: int) -> Sequence[Listed]:
        found = [
            one
            for one in reversed(self._rows.mailroom.deliveries.values())
            if (before is None or one.place < before)
            and (not wanted.states or one.state in wanted.states)
            and wanted.channel in (None, one.delivery.channel)
            and wanted.team in (None, one.delivery.team)
        ]
        return found[:limit]

    async def delivery(self, delivery_id: str) -> Listed | None:
        return _named(self._rows.mailroom, delivery_id)

    async def channel_states(self) -> Mapping[str, ChannelState]:
        return dict(sorted(self._rows.mailroom.channels.items()))

    async def channel_counts(self) -> Mapping[str, ChannelCounts]:
        found: dict[str, ChannelCounts] = {}
        for one in self._rows.mailroom.deliveries.values():
            counts = found.get(one.delivery.channel, ChannelCounts())
            if one.state is DeliveryState.DEAD:
                found[one.delivery.channel] = replace(counts, dead=counts.dead + 1)
            elif one.state in _OPEN:
                at = one.delivery.not_before
                found[one.delivery.channel] = replace(
                    counts,
                    waiting=counts.waiting + 1,
                    failed=counts.failed + (one.state is DeliveryState.FAILED),
                    oldest_at=at if counts.oldest_at is None else min(at, counts.oldest_at),
                )
        return dict(sorted(found.items()))


def _as_ended(one: Listed, ended: Ended, now: datetime) -> Listed:
    if ended.due_at is not None:
        failed = DeliveryState.FAILED if ended.tries.count else DeliveryState.WAITING
        return replace(one, tries=ended.tries, state=failed, due_at=ended.due_at)
    if ended.unsent is not None and ended.unsent.is_dead:
        return replace(one, tries=ended.tries, state=DeliveryState.DEAD, unsent=ended.unsent, ended_at=now)
    state = DeliveryState.SENT if ended.unsent is None else DeliveryState.LEFT_OUT
    bare = replace(one.delivery, payload=None)
    return replace(one, delivery=bare, tries=ended.tries, state=state, unsent=ended.unsent, ended_at=now)


def _known(before: Known | None, now: Known) -> Known:
    if before is None:
        return now
    return Known(revision=max(before.revision, now.revision), handle=now.handle or before.handle)


def _waiting(room: Mailroom) -> list[Listed]:
    return [one for one in room.deliveries.values() if one.state in _OPEN]


def _is_lent(room: Mailroom, place: int, now: datetime) -> bool:
    _, until = room.lent.get(place, (None, None))
    return until is not None and until > now


def _named(room: Mailroom, delivery_id: str) -> Listed | None:
    place = room.places.get(delivery_id)
    return None if place is None else room.deliveries[place]
