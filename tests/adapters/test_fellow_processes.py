"""A process and its end of the socket: it says how it is when asked, once more at its end, and ends with the first."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from service.adapters.fellow_processes import FellowProcess, start_fellow
from service.ports.fellows import Told
from tests.waiting import until

# What it says counts how often it was asked; the one word more is its last.
PROGRAM = """
import asyncio
from service.adapters.fellow_processes import Answering
from service.ports.fellows import Told

async def main():
    said, stop = [], asyncio.Event()
    def told():
        said.append(None)
        figures = {"m": [("m", {"a": "b"}, len(said))]}
        return Told(unready=("worker: starting",), stuck=("t/1",), figures=figures)
    await Answering(told, stop.set).run(stop)

asyncio.run(main())
"""


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


async def started() -> FellowProcess:
    fellow = await start_fellow(2, [sys.executable, "-c", PROGRAM], ENVIRONMENT)
    await until(lambda: fellow.told is not None)
    return fellow


def told(count: int) -> Told:
    return Told(unready=("worker: starting",), stuck=("t/1",), figures={"m": [("m", {"a": "b"}, count)]})


async def test_a_process_says_how_it_is_unasked_when_asked_and_at_its_end() -> None:
    fellow = await started()
    assert fellow.told == told(1)
    assert await fellow.ask(10)
    assert fellow.told == told(2)
    fellow.let_go()
    assert await fellow.ended() == 0
    assert fellow.told == told(3)
    assert not await fellow.ask(10)


async def test_a_frozen_process_does_not_answer_and_a_thawed_one_does() -> None:
    fellow = await started()
    os.kill(fellow.pid, signal.SIGSTOP)
    assert not await fellow.ask(0.05)
    os.kill(fellow.pid, signal.SIGCONT)
    assert await fellow.ask(10)
    fellow.kill()
    assert await fellow.ended() == -signal.SIGKILL


FIRST = f"""
import asyncio, os, signal, sys
from service.adapters.fellow_processes import start_fellow

async def main():
    fellow = await start_fellow(2, [sys.executable, "-c", {PROGRAM!r}], dict(os.environ))
    while fellow.told is None:
        await asyncio.sleep(0.01)
    print(fellow.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_a_process_ends_by_itself_when_the_first_is_killed() -> None:
    first = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FIRST), stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT
    )
    out, _ = await first.communicate()
    assert first.returncode == -signal.SIGKILL
    await until(lambda: has_ended(int(out)))


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
