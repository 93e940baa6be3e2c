"""Processes beside the first one: started with a socket for their standard input, over which the first asks them.

A line to a process asks how it is; it answers with a line of JSON. It says one unasked when it begins to serve, and one
before it ends. When the socket comes to its end, the first process is done with it or dead, and it ends in good order.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import orjson

from service.ports.fellows import Told

# A line holds every series of a process: a hundred bytes each, some thousands at most of one metric.
_LONGEST_LINE = 64 * 1024 * 1024


class FellowProcess:
    """Implements Fellow."""

    def __init__(
        self,
        number: int,
        process: asyncio.subprocess.Process,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.number = number
        self.told: Told | None = None
        self.pid = process.pid
        self._process = process
        self._writer = writer
        self._next: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen(reader))

    async def ask(self, within: float) -> bool:
        if self._listening.done() or self._writer.is_closing():
            return False
        self._writer.write(b"?\n")
        answer = self._next
        await asyncio.wait({answer, self._listening}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        return answer.done()

    def let_go(self) -> None:
        if not self._writer.is_closing() and self._writer.can_write_eof():
            with suppress(OSError):
                self._writer.write_eof()

    async def ended(self) -> int:
        status = await self._process.wait()
        await self._listening
        self._writer.close()
        return status

    def kill(self) -> None:
        if self._process.returncode is None:
            self._process.kill()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Keep what is said last, and wake whoever has asked."""
        with suppress(OSError):
            while (line := await reader.readline()).endswith(b"\n"):
                self.told = _read(line)
                said, self._next = self._next, asyncio.get_running_loop().create_future()
                said.set_result(None)


async def start_fellow(number: int, command: Sequence[str], environment: Mapping[str, str]) -> FellowProcess:
    """Start a process, whose logs go where ours go."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(*command, stdin=theirs.fileno(), env=environment)
    reader, writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_LINE)
    return FellowProcess(number, process, reader, writer)


class Answering:
    """The other end: tells the first process how this one is; `on_end` is called when that is done with us, or dead."""

    def __init__(self, say: Callable[[], Told], on_end: Callable[[], None]) -> None:
        self._say = say
        self._on_end = on_end

    async def run(self, stop: asyncio.Event) -> None:
        """Answer until `stop`."""
        reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=os.dup(0)))
        with suppress(OSError):
            writer.write(_line(self._say()))
            async with asyncio.TaskGroup() as group:
                answering = group.create_task(self._answer(reader, writer))
                await stop.wait()
                answering.cancel()
            writer.write(_line(self._say()))
            await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while await reader.readline():
                writer.write(_line(self._say()))
                await writer.drain()
        self._on_end()


def _line(told: Told) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE)


def _read(line: bytes) -> Told:
    said = orjson.loads(line)
    figures = {
        metric: [(name, labels, value) for name, labels, value in samples]
        for metric, samples in said["figures"].items()
    }
    return Told(unready=tuple(said["unready"]), stuck=tuple(said["stuck"]), figures=figures)
