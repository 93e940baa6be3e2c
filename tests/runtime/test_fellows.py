"""Several processes are one service: ready when all are, alive while all are, ended when one has ended."""

import asyncio
from collections.abc import Sequence

import pytest

from service.ports import PartitionKey
from service.ports.fellows import Sample, Told
from service.runtime.fellows import FellowEndedError, Fellows, Together
from service.runtime.health import STUCK_AFTER_SECONDS, Health
from tests.waiting import until


class Process:
    """Implements Fellow; it answers while it is `awake`, and ends when it is let go, with `status`."""

    def __init__(self, number: int, status: int = 0) -> None:
        self.number = number
        self.told: Told | None = None
        self.awake = True
        self.stubborn = False
        self._status = status
        self._end = asyncio.Event()

    def says(self, *unready: str, stuck: Sequence[str] = (), count: float = 0.0) -> None:
        figures: dict[str, list[Sample]] = {"records_total": [("records_total", {}, count)]}
        self.told = Told(unready=unready, stuck=tuple(stuck), figures=figures)

    async def ask(self, within: float) -> bool:  # noqa: ARG002 (one that sleeps is not waited for)
        return self.awake

    def let_go(self) -> None:
        if not self.stubborn:
            self._end.set()

    def die(self, status: int) -> None:
        self._status = status
        self._end.set()

    async def ended(self) -> int:
        await self._end.wait()
        return self._status

    def kill(self) -> None:
        if not self._end.is_set():
            self.die(-9)


class Service:
    def __init__(self, count: int) -> None:
        self.started: list[Process] = []
        self.ending = asyncio.Event()
        self.stop = asyncio.Event()
        self.now = 0.0
        self.own = Health()
        self.fellows = Fellows(self._start, count, self.ending.set, monotonic=lambda: self.now)
        self.pulse = Together(self.own, self.fellows)
        self._count = count

    async def _start(self, number: int) -> Process:
        self.started.append(Process(number))
        return self.started[-1]

    async def running(self) -> "asyncio.Task[None]":
        task = asyncio.create_task(self.fellows.run(self.stop))
        await until(lambda: len(self.started) == self._count)
        return task


async def test_the_service_is_ready_once_each_process_is_and_says_which_is_not() -> None:
    service = Service(2)
    assert await service.pulse.unready() == ("process 2: starting", "process 3: starting")
    running = await service.running()
    second, third = service.started
    second.says("worker: starting")
    assert await service.pulse.unready() == ("process 2: worker: starting", "process 3: starting")
    second.says()
    third.says()
    assert await service.pulse.unready() == ()
    third.awake = False
    service.own.fault("store", "away")
    assert await service.pulse.unready() == ("store: away", "process 3: does not answer")
    service.stop.set()
    await running


async def test_what_stands_still_in_any_process_and_one_that_is_silent_for_long_make_it_not_alive() -> None:
    service = Service(2)
    running = await service.running()
    second, third = service.started
    second.says(stuck=["t/3"])
    third.says()
    service.own.behind(PartitionKey(cluster="c", group="g", topic="t", partition=1), 5)
    assert await service.pulse.stuck() == ("t/3",)
    third.awake = False
    assert await service.pulse.stuck() == ("t/3",)
    service.now += STUCK_AFTER_SECONDS + 1
    assert await service.pulse.stuck() == ("process 3", "t/3")
    third.awake = True
    assert await service.pulse.stuck() == ("t/3",)
    service.stop.set()
    await running


async def test_what_a_process_counted_stays_counted_when_it_is_silent() -> None:
    service = Service(2)
    running = await service.running()
    assert await service.fellows.figures() == []
    service.started[1].says(count=7)
    service.started[1].awake = False
    assert await service.fellows.figures() == [{"records_total": [("records_total", {}, 7)]}]
    service.stop.set()
    await running


async def test_all_are_let_go_and_waited_for_when_the_service_stops() -> None:
    service = Service(2)
    running = await service.running()
    service.stop.set()
    await running
    assert service.ending.is_set()


async def test_one_that_fails_ends_the_service_with_its_status() -> None:
    service = Service(2)
    running = await service.running()
    service.started[1].die(3)
    await service.ending.wait()
    assert not running.done()
    service.stop.set()
    with pytest.raises(FellowEndedError, match="process 3 ended with 3") as failed:
        await running
    assert failed.value.status == 3


async def test_one_that_was_told_to_end_ends_the_service_in_good_order() -> None:
    service = Service(1)
    running = await service.running()
    service.started[0].die(0)
    await service.ending.wait()
    service.stop.set()
    await running


async def test_one_that_does_not_end_in_time_is_killed() -> None:
    service = Service(1)
    running = await service.running()
    service.started[0].stubborn = True
    service.stop.set()
    await asyncio.wait({running}, timeout=0.05)
    running.cancel()
    await asyncio.wait({running})
    assert await service.started[0].ended() == -9
