"""A contestant and a database -> its process, from `ready` to its end, and what PostgreSQL knows of it meanwhile."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from service.assets import playbooks
from tests.bench.race.contestants import ROOT, Contestant
from tests.bench.race.filling import KEY
from tests.bench.race.ground import PARTITIONS, Ground
from tests.bench.race.proc import tree_of

_READY_SECONDS = 90.0
_END_SECONDS = 30.0
_POLL_SECONDS = 0.1
_TAIL = 400
_PROGRESS = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_id_seq"
_OWNERS = "SELECT count(DISTINCT owner) FROM partition_lease WHERE grp = $1"
_WAL = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint AS bytes, wal_fpi AS pages FROM pg_stat_wal"


class Failed(Exception):
    """A contestant did not start, stood still or left wrong rows; the message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Seconds since 1970, seconds of CPU of the contestant and of PostgreSQL, bytes of WAL, and MB by process.

    `pages` counts those that the WAL has whole, since they were touched for the first time after a checkpoint.
    """

    at: float
    process: float
    postgres: float
    wal: int
    pages: int
    peaks: Mapping[int, float]


@dataclass(slots=True, kw_only=True)
class Running:
    ground: Ground
    process: asyncio.subprocess.Process
    connection: "asyncpg.Connection[asyncpg.Record]"
    log: Path

    async def sample(self) -> Sample:
        wal, pages = await self.connection.fetchrow(_WAL) or (0, 0)
        own, server = tree_of(self.process.pid), tree_of(self.ground.postmaster)
        return Sample(at=time.time(), process=own.cpu, postgres=server.cpu, wal=wal, pages=int(pages), peaks=own.peaks)

    async def progress(self) -> int:
        """Return a number that grows with what was committed, read from a sequence: no table is looked at."""
        self.check()
        return int(await self.connection.fetchval(_PROGRESS))

    def check(self) -> None:
        if self.process.returncode is not None:
            raise Failed(f"ended with {self.process.returncode}: {tail(self.log)}")

    async def shared(self, processes: int, group: str) -> None:
        """Wait until each of our processes has some of the partitions."""
        give_up_at = time.monotonic() + _READY_SECONDS
        while await self.connection.fetchval(_OWNERS, group) < processes:
            self.check()
            if time.monotonic() > give_up_at:
                raise Failed(f"not all processes had partitions within {_READY_SECONDS:.0f} s: {tail(self.log)}")
            await asyncio.sleep(_POLL_SECONDS)

    async def moved(self, beyond: int, seconds: float) -> None:
        """Wait until something more was committed."""
        give_up_at = time.monotonic() + seconds
        while await self.progress() <= beyond:
            if time.monotonic() > give_up_at:
                raise Failed(f"nothing was committed within {seconds:.0f} s: {tail(self.log)}")
            await asyncio.sleep(_POLL_SECONDS)


@asynccontextmanager
async def running(
    ground: Ground, contestant: Contestant, dsn: str, topic: str, group: str, *, direct: str, log: Path
) -> AsyncIterator[Running]:
    """Start a contestant and wait until it is ready; end it, and whatever it has started, with the block.

    `dsn` is what it is given, `direct` is the same database without a delay.

    Raises:
        Absent: it is not there to be started.
        Failed: it does not get ready.
    """
    connection = await asyncpg.connect(direct)
    try:
        with log.open("wb") as sink:
            process = await asyncio.create_subprocess_exec(
                *contestant.command(),
                cwd=ROOT,
                env=_environment(ground, contestant, dsn, topic, group),
                stdout=asyncio.subprocess.PIPE,
                stderr=sink,
                start_new_session=True,
            )
        try:
            found = Running(ground=ground, process=process, connection=connection, log=log)
            if contestant.peer is not None:
                await _ready(process, log)
            yield found
        finally:
            await _end(process, orderly=contestant.peer is None)
    finally:
        await connection.close()


async def _ready(process: asyncio.subprocess.Process, log: Path) -> None:
    if process.stdout is None:
        raise RuntimeError("a contestant has no pipe")
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while (line := await process.stdout.readline()).strip() != b"ready":
                if not line:
                    raise Failed(f"ended before it was ready: {tail(log)}")
    except TimeoutError:
        raise Failed(f"not ready after {_READY_SECONDS:.0f} s: {tail(log)}") from None


async def _end(process: asyncio.subprocess.Process, *, orderly: bool) -> None:
    """Kill its session, of which it is the leader; one that is to end in order is asked first.

    A peer has nothing left to do that is measured, and some of them take longer to end than they ran.
    """
    if orderly and process.returncode is None:
        process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await process.communicate()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def _environment(ground: Ground, contestant: Contestant, dsn: str, topic: str, group: str) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "JAVA_HOME", "TMPDIR") if name in os.environ}
    if contestant.peer is None:
        prefix = "FEEDBACK_ROUTER_"
        return {
            **kept,
            "DATABASE_URL": dsn,
            "KAFKA_BOOTSTRAP_SERVERS": ground.brokers,
            f"{prefix}PLAYBOOK": str(playbooks() / "retail"),
            f"{prefix}PSEUDONYM_KEY": KEY.secret.decode(),
            f"{prefix}PSEUDONYM_KEY_ID": KEY.key_id,
            f"{prefix}PORT": "0",
            f"{prefix}GROUP": group,
            f"{prefix}TOPIC_PARTITIONS": str(PARTITIONS),
            f"{prefix}LOG_LEVEL": "WARNING",
        }
    return {
        **kept,
        # What a peer leaves there when it is killed goes with the race.
        "TMPDIR": str(ground.rules.parent),
        "RACE_BROKERS": ground.brokers,
        "RACE_DSN": dsn,
        "RACE_TOPIC": topic,
        "RACE_GROUP": group,
        "RACE_RULES": str(ground.rules),
        "RACE_SQL": contestant.sql,
    }


def tail(log: Path) -> str:
    """Return the end of what it said, on one line and without the paths of this machine."""
    text = log.read_bytes()[-_TAIL:].decode(errors="replace") if log.exists() else ""
    return " ".join(text.replace(str(ROOT), ".").split())
