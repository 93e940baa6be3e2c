"""What is in front of queues, looked at again and again -> server-sent events for everybody who listens.

However many consoles a team has open, its queue is read once each time, and what has changed is written once. Who reads
too slowly is cut off, and gets everything anew on coming back: nothing is kept for anybody without a bound.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from service.api.reach import unquoted_alert
from service.api.services import Services
from service.api.shown import show_alert
from service.core.pipeline.rules import Rules
from service.ports import ConflictError, Head, OutOfReachError, QueuePlace, queue_place

# So many open alerts of a queue are watched, the worst and then the latest.
MOST_ALERTS = 200
# So many looks' worth of changes are kept for who comes back, and for who reads slowly.
MOST_FRAMES = 32
# After so long a time out of the store's reach consoles are told to come back later.
_PATIENCE_LOOKS = 20
# Who is sent away comes back between one and five seconds later, not all at once.
_SOONEST_MS, _SPREAD_MS = 1_000, 4_000


@dataclass(frozen=True, slots=True)
class Line:
    """One alert as it was shown last, and its place in the queue."""

    mark: str
    place: QueuePlace
    text: str


class Listener:
    """What one console is still to be sent. `over` is there once it is to be told no more, with its last words."""

    def __init__(self, first: bytes) -> None:
        self.frames = deque([first])
        self.woken = asyncio.Event()
        self.woken.set()
        self.over: bytes | None = None

    def hear(self, frame: bytes) -> None:
        if len(self.frames) >= MOST_FRAMES:
            self.frames.clear()
            self.end()
        elif self.over is None:
            self.frames.append(frame)
            self.woken.set()

    def end(self, words: bytes = b"") -> None:
        if self.over is None:
            self.over = words
        self.woken.set()


@dataclass(slots=True)
class Channel:
    """The queue of one team as it was seen last. Each change of it has a number, within the life of the channel.

    It `quotes` what customers wrote, or leaves that out for who may not read it.
    """

    team: str
    quotes: bool = True
    digest: str = ""
    lines: dict[str, Line] = field(default_factory=dict)
    name: str = field(default_factory=lambda: secrets.token_hex(6))
    number: int = 0
    frames: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=MOST_FRAMES))
    listeners: set[Listener] = field(default_factory=set)
    whole: bytes | None = None

    def known(self, digest: str) -> Mapping[str, str]:
        """Return the marks of what was shown; under another playbook all is to be shown anew."""
        return {name: one.mark for name, one in self.lines.items()} if digest == self.digest else {}

    def see(self, heads: Iterable[Head], rules: Rules) -> None:
        """Take in what is in front now, and tell the listeners what has changed."""
        now, fresh = dict[str, Line](), list[str]()
        for head in heads:
            if head.alert is None:
                now[head.alert_id] = self.lines[head.alert_id]
                continue
            alert = head.alert if self.quotes else unquoted_alert(head.alert)
            text = show_alert(alert, rules).model_dump_json()
            now[head.alert_id] = Line(head.mark, queue_place(head.alert), text)
            fresh.append(_event("alert", text))
        fresh += [_event("gone", f'{{"alert_id":"{name}"}}') for name in sorted(self.lines.keys() - now.keys())]
        self.lines, self.digest = now, rules.digest
        if fresh:
            self.number += 1
            self.whole = None
            # Whoever is cut off within a frame has the number of the one before, and gets all of it again.
            frame = "".join([*fresh[:-1], f"id: {self.name}-{self.number}\n", fresh[-1]]).encode()
            self.frames.append((self.number, frame))
            for listener in self.listeners:
                listener.hear(frame)

    def since(self, last: str | None) -> bytes:
        """Return what was missed since an event, or everything where that is not known any more."""
        name, _, number = (last or "").rpartition("-")
        if name == self.name and number.isascii() and number.isdecimal():
            missed = [frame for at, frame in self.frames if at > int(number)]
            if len(missed) == self.number - int(number):
                return b"".join(missed)
        if self.whole is None:
            worst_first = sorted(self.lines.values(), key=_order)
            listed = ",".join(one.text for one in worst_first)
            left_off = "true" if len(self.lines) == MOST_ALERTS else "false"
            text = f'{{"team":"{self.team}","alerts":[{listed}],"left_off":{left_off}}}'
            self.whole = f"id: {self.name}-{self.number}\n{_event('snapshot', text)}".encode()
        return self.whole


class Hub:
    """Looks at the queues of all teams that somebody listens to, every `seconds`, and at none otherwise."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._channels: dict[tuple[str, bool], Channel] = {}
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, team: str, last: str | None, *, quotes: bool = True) -> AsyncIterator[Listener]:
        """Listen to a team's queue from an event on, or from the beginning.

        Raises:
            OutOfReachError: the store does not answer.
        """
        async with self._looking:
            channel = self._channels.get((team, quotes))
            if channel is None:
                channel = Channel(team, quotes)
                await self._look([channel])
                self._channels[team, quotes] = channel
            listener = Listener(channel.since(last))
            channel.listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        try:
            yield listener
        finally:
            channel.listeners.discard(listener)
            if not channel.listeners and self._channels.get((team, quotes)) is channel:
                del self._channels[team, quotes]

    async def _run(self) -> None:
        misses = 0
        try:
            while self._channels:
                if await self._services.pulse.drained(self._services.stream_seconds):
                    break
                try:
                    async with self._looking:
                        await self._look(list(self._channels.values()))
                    misses = 0
                except (OutOfReachError, ConflictError):
                    misses += 1
                    if misses == _PATIENCE_LOOKS:
                        break
        finally:
            # Also where a fault of ours ends it: nobody is left listening to silence.
            self._send_away()

    async def _look(self, channels: Collection[Channel]) -> None:
        rules = await self._services.rules()
        for quotes in (True, False):
            alike = [one for one in channels if one.quotes is quotes]
            if alike:
                known = {one.team: one.known(rules.digest) for one in alike}
                heads = await self._services.desk.heads(known, MOST_ALERTS)
                for one in alike:
                    one.see(heads[one.team], rules)

    def _send_away(self) -> None:
        listeners = [listener for channel in self._channels.values() for listener in channel.listeners]
        for place, listener in enumerate(listeners):
            listener.end(f"retry: {_SOONEST_MS + place * _SPREAD_MS // len(listeners)}\n\n".encode())
        self._channels = {}


def _event(name: str, text: str) -> str:
    return f"event: {name}\ndata: {text}\n\n"


def _order(line: Line) -> tuple[int, float, str]:
    return (-line.place.severity.rank, -line.place.last_seen.timestamp(), line.place.alert_id)
