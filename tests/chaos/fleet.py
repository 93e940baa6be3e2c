"""Processes of the service by name: started with what is planted in them, killed, frozen, thawed and ended."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_END_SECONDS = 40.0
_POLL_SECONDS = 0.02
_TAIL_BYTES = 1_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One process, by the name that its fleet has for it."""

    name: str
    process: asyncio.subprocess.Process
    log: Path


class UnexpectedEnd(Exception):
    """A process ended that nobody had killed; the message has the tail of its log."""


class Fleet:
    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.environment = dict(environment)
        self._folder = folder
        self._members: dict[str, Member] = {}
        self._started = 0

    @property
    def names(self) -> Sequence[str]:
        return tuple(self._members)

    async def start(self, name: str, *roles: str, **planted: str) -> Member:
        """Start a process of these roles; what is planted goes into its environment."""
        self._started += 1
        log = self._folder / f"{self._started:03d}-{name}.log"
        with log.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.chaos.planted", "serve"),
                *(part for role in roles for part in ("--role", role)),
                env={**self.environment, **planted},
                stdout=sink,
                stderr=sink,
            )
        member = Member(name=name, process=process, log=log)
        self._members[name] = member
        return member

    async def kill(self, name: str) -> None:
        member = self._members.pop(name)
        if member.process.returncode is None:
            member.process.kill()
        await member.process.wait()

    async def first_death(self, names: Sequence[str], seconds: float) -> str | None:
        """Wait until one of these has killed itself; None if all live on."""
        deaths = {asyncio.create_task(self._members[name].process.wait(), name=name) for name in names}
        done, waiting = await asyncio.wait(deaths, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for death in waiting:
            death.cancel()
        first = min((death.get_name() for death in done), default=None)
        if first is not None:
            await self.died(first, seconds)
        return first

    async def died(self, name: str, seconds: float) -> bool:
        """Wait until a process has killed itself; False if it lives on."""
        member = self._members[name]
        try:
            async with asyncio.timeout(seconds):
                status = await member.process.wait()
        except TimeoutError:
            return False
        if status != -signal.SIGKILL:
            raise UnexpectedEnd(f"{name} ended with {status}: {_tail(member.log)}")
        del self._members[name]
        return True

    async def frozen(self, name: str, seconds: float) -> None:
        """Wait until a process has stopped itself.

        Raises:
            UnexpectedEnd: it did not.
        """
        state = Path(f"/proc/{self._members[name].process.pid}/stat")
        give_up_at = time.monotonic() + seconds
        while await asyncio.to_thread(_state_of, state) != "T":
            if time.monotonic() > give_up_at:
                raise UnexpectedEnd(f"{name} never stopped: {_tail(self._members[name].log)}")
            await asyncio.sleep(_POLL_SECONDS)

    def freeze(self, name: str) -> None:
        os.kill(self._members[name].process.pid, signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        os.kill(self._members[name].process.pid, signal.SIGCONT)

    async def end(self, name: str) -> None:
        """Ask a process to end in good order.

        Raises:
            UnexpectedEnd: it did not, or not with a clean exit; one that has only begun to start may end by the signal.
        """
        member = self._members.pop(name)
        if member.process.returncode is None:
            member.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_SECONDS):
                status = await member.process.wait()
        except TimeoutError:
            member.process.kill()
            await member.process.wait()
            raise UnexpectedEnd(f"{name} did not end: {_tail(member.log)}") from None
        if status != 0 and not (status == -signal.SIGTERM and b"serving" not in member.log.read_bytes()):
            raise UnexpectedEnd(f"{name} ended with {status}: {_tail(member.log)}")

    async def end_all(self) -> None:
        """End those first that fill the outbox, and then those that empty it."""
        for name in sorted(self.names, key=lambda name: name.startswith("relay")):
            await self.end(name)

    async def kill_all(self) -> None:
        for name in self.names:
            await self.kill(name)

    def check(self) -> None:
        """Look whether all live.

        Raises:
            UnexpectedEnd: one has ended by itself.
        """
        for member in self._members.values():
            if member.process.returncode is not None:
                raise UnexpectedEnd(f"{member.name} ended with {member.process.returncode}: {_tail(member.log)}")

    def talk(self) -> str:
        return "\n".join(f"--- {log.name}\n{_tail(log)}" for log in sorted(self._folder.glob("*.log"))[-6:])


def _state_of(stat: Path) -> str:
    """Return the one letter that the kernel has for what a process does."""
    return stat.read_text().rpartition(")")[2].split()[0]


def _tail(log: Path) -> str:
    return log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace")
