"""Parts end in their order, each within its time, whatever made them end."""

import asyncio
import os
import signal

import pytest

from service.runtime.lifecycle import Part, live, stopped_by_signals


class Story:
    def __init__(self) -> None:
        self.told: list[str] = []

    def part(self, name: str, seconds: float = 5.0) -> Part:
        async def run(stop: asyncio.Event) -> None:
            await stop.wait()
            self.told.append(f"{name} ended")

        return Part(name=name, run=run, seconds=seconds)

    def endless(self, name: str) -> Part:
        async def run(stop: asyncio.Event) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                self.told.append(f"{name} cut off")

        return Part(name=name, run=run, seconds=0.01)

    def broken(self, name: str) -> Part:
        async def run(stop: asyncio.Event) -> None:
            raise RuntimeError(name)

        return Part(name=name, run=run, seconds=5.0)

    def drain(self) -> None:
        self.told.append("draining")


async def test_parts_end_one_after_another_once_nothing_new_is_let_in() -> None:
    story, stop = Story(), asyncio.Event()
    stop.set()
    await live([story.part("worker"), story.part("relay")], stop, story.drain)
    assert story.told == ["draining", "worker ended", "relay ended"]


async def test_a_part_that_is_late_is_cut_off_and_the_next_still_ends_well() -> None:
    story, stop = Story(), asyncio.Event()
    stop.set()
    await live([story.endless("worker"), story.part("relay")], stop, story.drain)
    assert story.told == ["draining", "worker cut off", "relay ended"]


async def test_a_part_that_fails_ends_the_others_in_order_and_its_failure_is_raised() -> None:
    story = Story()
    with pytest.raises(RuntimeError, match="ticker"):
        await live([story.part("worker"), story.broken("ticker"), story.part("relay")], asyncio.Event(), story.drain)
    assert story.told == ["draining", "worker ended", "relay ended"]


async def test_the_parts_of_one_name_are_watched_each_for_itself() -> None:
    story = Story()
    with pytest.raises(RuntimeError, match="relay"):
        await live([story.broken("relay"), story.part("relay"), story.part("api")], asyncio.Event(), story.drain)
    assert story.told == ["draining", "relay ended", "api ended"]


async def test_a_signal_stops() -> None:
    stop = asyncio.Event()
    with stopped_by_signals(stop):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(stop.wait(), 5)
