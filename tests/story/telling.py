"""Steps at times -> a course through the real pipeline on any store, on a virtual clock; the unexpected fails it.

A story is told first and happens at the end of its block, so that the same words run on memory and on PostgreSQL.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self

import orjson
from msgspec.structs import replace

from service.adapters.memory import MemoryStore
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.pipeline.read import ReadRecord, read_payload
from service.core.pipeline.reassign import Destination, destination
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.records.facts import Facts
from service.core.records.feedback import Message
from service.ports import Archive, Lease, Store
from service.runtime.acting import Acting
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.rulebook import Rulebook
from tests.builders import KEY, PARTITION, START, finish, make_playbook, read_event
from tests.story.course import Course, Done
from tests.story.matching import Notice, Want, match
from tests.story.wording import Open, Said, Window, at, clock, opened, said


class Stage(Protocol):
    """What a story happens on: a store, and the archive over the same rows."""

    @property
    def store(self) -> Store: ...
    @property
    def archive(self) -> Archive: ...


@dataclass(slots=True, kw_only=True)
class Scene:
    """The world of a running story: what a step of one's own may touch."""

    store: Store
    archive: Archive
    rules: Rules
    lease: Lease
    now: datetime = START


class StepFailed(Exception):
    """A step could not do what the story asked; the message says why."""


# What a step does; the text that it returns is shown behind its own.
Work = Callable[[Scene], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    at: timedelta
    text: str
    work: Work
    after_stop: bool = False


class Story:
    """Push events and act at times after the start, and want notices: each wanted once, and none that is not.

    `with` happens in memory, `async with` on the stage. Timers run up to each step before it, and at the end up to the
    last step, wait or window.
    """

    def __init__(self, playbook: Playbook | None = None, *, on: Stage | None = None) -> None:
        self._playbook = playbook or make_playbook()
        self._stage = on
        self._steps: list[_Step] = []
        self._wants: list[Want] = []
        self._open: Sequence[Open] | None = None
        self._until = timedelta()
        self.course = ""

    def push(self, *events: Mapping[str, Any], at: timedelta, occurred: timedelta | None = None) -> None:
        """Decide events in one batch; they happened then, unless `occurred` says when."""
        happened = START + (at if occurred is None else occurred)

        async def decide(scene: Scene) -> str:
            return await _decide(scene, [read_event(event, happened, scene.rules) for event in events])

        self._step(at, f"push    {', '.join(_name(event) for event in events)}", decide)

    def push_raw(self, source: str, *, at: timedelta, **payload: Any) -> None:  # noqa: ANN401 - what a tool sends
        """Decide a tool's own payload, whose field `at` says that it happened then."""

        async def decide(scene: Scene) -> str:
            value = orjson.dumps({**payload, "at": scene.now.isoformat()})
            message = Message(topic="t", partition=0, offset=0, key=None, value=value, received_at=scene.now)
            return await _decide(scene, read_payload(message, scene.rules.sources[source], scene.rules, KEY))

        self._step(at, f"push    a payload of {source}", decide)

    def act(
        self,
        deed: Deed,
        *,
        at: timedelta,
        queue: str,
        kind: str = "event",
        by: str = "ana",
        to: str | None = None,
        until: timedelta | None = None,
    ) -> None:
        """Let somebody who has seen its last notice do something to the one open alert of that kind in a queue.

        `to` is the team that it is given to, or said to be of, `until` when one that is put aside comes back. Who
        reopens one means the one that is resolved.
        """

        async def do(scene: Scene) -> str:
            back = None if until is None else START + until
            return await _act(scene, Asked(alert_id="", deed=deed, revision=0, by=by, until=back), queue, kind, to)

        self._step(at, f"act     {by}: {deed.value} in {queue}", do)

    def turn_to(self, playbook: Playbook, *, at: timedelta) -> None:
        """Decide by another playbook from then on."""

        async def turn(scene: Scene) -> str:
            scene.rules = compile_playbook(playbook)
            return ""

        self._step(at, f"turn    to playbook {playbook.name!r}", turn)

    def stop(self, *, until: timedelta) -> None:
        """Let the service be down from the step before on: it comes back with nothing but what the store holds."""

        async def come_back(scene: Scene) -> str:
            (scene.lease,) = await scene.store.claim([PARTITION])
            return ""

        self._steps.append(_Step(at=until, text="start   after a stop", work=come_back, after_stop=True))

    def do(self, text: str, work: Work, *, at: timedelta) -> None:
        """Do anything else to the scene, such as setting a silence; what it returns is shown behind `text`."""
        self._step(at, f"do      {text}", work)

    def wait(self, until: timedelta) -> None:
        self._until = max(self._until, until)

    def want(
        self,
        when: Window | timedelta,
        *,
        queue: str,
        reason: str,
        severity: str,
        customers: int = 1,
        kind: str = "event",
        level: str | None = None,
    ) -> None:
        """Expect one notice, at an instant or within a window."""
        told = Said(queue=queue, reason=reason, severity=severity, customers=customers, kind=kind, level=level)
        self._wants.append(Want(when if isinstance(when, Window) else at(when), told))

    def open(self, *alerts: Open) -> None:
        """Say what is open at the end; without any, nothing is."""
        self._open = alerts

    async def happen(self) -> None:
        """Take every step, and compare.

        Raises:
            AssertionError: the story went otherwise; the message is its course.
        """
        stage = self._stage or _in_memory()
        (lease,) = await stage.store.claim([PARTITION])
        rules = compile_playbook(self._playbook)
        scene = Scene(store=stage.store, archive=stage.archive, rules=rules, lease=lease)
        done = [await _taken(scene, step) for step in sorted(self._steps, key=lambda one: one.at)]
        end = max([self._until, *(one.at for one in self._steps), *(one.window.last for one in self._wants)])
        await _run_clock(scene, end)
        notices = [Notice(*said(line)) async for line in stage.archive.notices()]
        course = Course(
            done=done,
            matched=match(self._wants, notices),
            end=end,
            found_open=[opened(line) async for line in stage.archive.alerts() if line["state"] == "open"],
            wanted_open=self._open,
        )
        self.course = str(course)
        if course.faults:
            raise AssertionError(self.course)

    def __enter__(self) -> Self:
        assert self._stage is None, "a story on a stage is told with `async with`"
        return self

    def __exit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is None:
            finish(self.happen())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        if kind is None:
            await self.happen()

    def _step(self, moment: timedelta, text: str, work: Work) -> None:
        self._steps.append(_Step(at=moment, text=text, work=work))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stage:
    store: Store
    archive: Archive


def _in_memory() -> Stage:
    store = MemoryStore()
    return _Stage(store=store, archive=store)


async def _taken(scene: Scene, step: _Step) -> Done:
    await _run_clock(scene, step.at, after_stop=step.after_stop)
    try:
        came = await step.work(scene)
    except StepFailed as failed:
        return Done(step.at, f"{step.text}; {failed}", failed=True)
    return Done(step.at, f"{step.text}; {came}" if came else step.text)


async def _run_clock(scene: Scene, until: timedelta, *, after_stop: bool = False) -> None:
    scene.now = max(scene.now, START + until)
    await run_due(scene.store, scene.rules, scene.now, after_stop=after_stop)


async def _decide(scene: Scene, records: Sequence[ReadRecord]) -> str:
    next_offset = (scene.lease.next_offset or 0) + len(records)
    ran = await run_batch(scene.store, scene.lease, records, next_offset, scene.rules, lambda _: scene.now)
    scene.lease = ran.lease
    books = ran.books
    verdicts = {f"{team}: {verdict}" if team else verdict: count for (team, verdict), count in books.verdicts.items()}
    others = {"duplicate": books.duplicate, "superseded": books.superseded, "rejected": sum(books.rejected.values())}
    return ", ".join(f"{count} {what}" for what, count in {**verdicts, **others}.items() if count)


async def _act(scene: Scene, asked: Asked, queue: str, kind: str, to: str | None) -> str:
    state = "resolved" if asked.deed is Deed.REOPEN else "open"
    found = [
        line
        async for line in scene.archive.alerts()
        if (line["team"], line["kind"], line["state"]) == (queue, kind, state)
    ]
    if len(found) != 1:
        raise StepFailed(f"{queue} has {len(found)} {state} alerts of kind {kind} at {clock(scene.now - START)}")
    (alert,) = found

    async def now() -> datetime:
        return scene.now

    acting = Acting(scene.store, Rulebook(scene.rules, _no_other), now)
    place = None if to is None else await _destination(scene, alert["alert_id"], alert["key"], to)
    asked = replace(asked, alert_id=alert["alert_id"], revision=alert["revision"], to=place)
    acted = await acting(asked, alert["key"], None, lambda _: "")
    outcome = acted.outcome if isinstance(acted, Acted) else ActOutcome.STALE_REVISION
    if outcome is not ActOutcome.DONE:
        raise StepFailed(outcome.value)
    return outcome.value


async def _destination(scene: Scene, alert_id: str, key: str, team: str) -> Destination:
    facts = Facts()
    async with scene.store.transaction() as transaction:
        await transaction.load_alerts(facts, (key,))
    return destination(facts.alerts[alert_id], team)


async def _no_other(digest: str) -> Rules:
    raise LookupError(digest)


def _name(event: Mapping[str, Any]) -> str:
    return f"{str(event['type']).removeprefix('feedback.')} {event['id']}"
