"""A round that fails is tried again, at once or ever later by what failed; a bug ends them all."""

import asyncio
from collections.abc import Sequence

import pytest

from service.ports import ConflictError, OutcomeUnknownError, OutOfReachError
from service.runtime import rounds
from service.runtime.health import Health
from service.runtime.rounds import in_rounds


class Rounds:
    """Fails as told, one round after the other, and stops after the last; `unready` is what was amiss as each began."""

    def __init__(self, fails: Sequence[Exception | None]) -> None:
        self._fails = list(fails)
        self._stop = asyncio.Event()
        self._health = Health()
        self.unready: list[tuple[str, ...]] = []

    async def run(self) -> tuple[str, ...]:
        await in_rounds(self._round, self._stop, name="sweeper", seconds=0.0, watch=self._health)
        return self._health.unready()

    async def _round(self) -> None:
        self.unready.append(self._health.unready())
        fails = self._fails.pop(0)
        if not self._fails:
            self._stop.set()
        if fails is not None:
            raise fails


async def test_a_store_out_of_reach_is_told_of_until_a_round_goes_well() -> None:
    ran = Rounds([None, OutOfReachError("no answer"), None])
    assert await ran.run() == ()
    assert ran.unready == [(), (), ("sweeper: no answer",)]


async def test_another_writer_in_the_way_is_no_fault() -> None:
    ran = Rounds([ConflictError("deadlock"), OutcomeUnknownError("lost"), None])
    assert await ran.run() == ()
    assert ran.unready == [(), (), ()]


async def test_waits_grow_with_each_failure_and_start_anew_after_a_round_that_went_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[int] = []

    def pause(tries: int, *, first: float = 0.1, longest: float = 10.0) -> float:
        waits.append(tries)
        return 0.0

    monkeypatch.setattr(rounds, "pause", pause)
    ran = Rounds([ConflictError("deadlock"), OutOfReachError("no answer"), None, ConflictError("deadlock"), None])
    await ran.run()
    assert waits == [1, 2, 1]


async def test_a_bug_ends_the_rounds() -> None:
    with pytest.raises(ZeroDivisionError):
        await Rounds([ZeroDivisionError(), None]).run()


async def test_a_stop_ends_the_longest_wait() -> None:
    stop = asyncio.Event()

    async def work() -> None:
        stop.set()

    async with asyncio.timeout(5.0):
        await in_rounds(work, stop, name="sweeper", seconds=3_600.0, watch=Health())
