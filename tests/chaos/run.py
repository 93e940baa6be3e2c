"""A fault, a number of workers and a seed -> what came of it: one run from empty topics to the comparison."""

import asyncio
import tempfile
import time
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from service.adapters.playbook_files import load as read_playbook
from service.assets import playbooks
from service.core.pipeline.rules import Rules, compile_playbook
from service.embedded.postgres import EmbeddedPostgres
from tests.chaos.faults import FAULTS, Fault, Flow
from tests.chaos.field import Field, Stuck, fresh_topics
from tests.chaos.fleet import Fleet, UnexpectedEnd
from tests.chaos.notices import Peace
from tests.chaos.outcome import read_outcome
from tests.chaos.people import SILENCED, People
from tests.chaos.proxy import cutting
from tests.chaos.small_disk import NoSmallDisk, postgres_on_small_disk
from tests.chaos.traffic import Record, Told, traffic
from tests.chaos.verdict import Findings, compare
from tests.e2e.served import Deployment
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.postgres import TestServer
from tests.oracle import expect
from tests.oracle.playbook import load

SECRET = "a key of the tests, long enough"
PARTITIONS = 3
_AHEAD = timedelta(hours=6)
# A Monday before its working day begins: quiet hours end in the middle of a day's worth of traffic.
_STARTS = {Flow.DAY: datetime(2026, 3, 2, 4, 30, tzinfo=UTC), Flow.WEEKS: datetime(2026, 3, 2, tzinfo=UTC)}
_TOLD = {
    Flow.DAY: (timedelta(hours=5), timedelta(hours=2)),
    Flow.WEEKS: (timedelta(days=40), timedelta(hours=10)),
    Flow.LIVE: (timedelta(seconds=14), timedelta(seconds=3)),
}
# So soon are a dead member and an added partition noticed in these runs.
_QUICK = {"FEEDBACK_ROUTER_SESSION_TIMEOUT": "6", "FEEDBACK_ROUTER_METADATA_AGE": "2"}
_LIVE_IN = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The servers that runs share; each run has topics and a database of its own.

    Logs are kept in `keep`. With `defaults` the timeout of the group and the age of metadata are the service's own.
    """

    kafka: ApacheKafka
    postgres: EmbeddedPostgres
    databases: TestServer
    keep: Path | None = None
    defaults: bool = False


@dataclass(slots=True, kw_only=True)
class Ran:
    """One run. `error` says why it came to no end; then nothing was compared. `is_ours` where the harness failed."""

    fault: str
    workers: int
    seed: int
    mutant: str = ""
    brokers: int = 1
    events: int = 0
    faults: int = 0
    acts: int = 0
    seconds: float = 0.0
    recoveries: Sequence[float] = ()
    notes: Sequence[str] = ()
    findings: Findings = field(default_factory=Findings)
    error: str = ""
    is_ours: bool = False

    @property
    def clean(self) -> bool:
        return not self.error and not self.findings.found


async def run(ground: Ground, name: str, *, workers: int, seed: int, mutant: str = "", events: int = 0) -> Ran:
    """Run a fault to its end, whatever comes of it."""
    started = time.monotonic()
    ran = Ran(fault=name, workers=workers, seed=seed, mutant=mutant, brokers=len(ground.kafka.brokers))
    try:
        async with asyncio.timeout(400):
            await _run(ground, FAULTS[name], ran, events)
    except NoSmallDisk as none:
        ran.notes = [f"left out: {none}"]
    except (Stuck, UnexpectedEnd, TimeoutError) as failed:
        ran.error = f"{type(failed).__name__}: {failed}"
    except Exception:  # noqa: BLE001 (a fault of the harness must not end a long run; it is in the report)
        ran.error, ran.is_ours = traceback.format_exc(), True
    ran.seconds = time.monotonic() - started
    return ran


async def _run(ground: Ground, fault: Fault, ran: Ran, events: int) -> None:
    async with AsyncExitStack() as stack:
        field = await _field(ground, fault, ran, stack)
        records = _records(fault, ran.seed, events or fault.events, field)
        # What comes live finds the cases known that began before; the rest is there before anybody reads it.
        first, live = _before_and_live(fault, records)
        await field.publish(first)
        field.total = len(records)
        for number in range(field.workers):
            await field.start_worker(number, **(dict(fault.first) if number == 0 else {}))
        await field.start_relay()
        people = People(
            field.dsn, _rules(), (lambda: field.ahead) if fault.flow is Flow.LIVE else None, Random(ran.seed)
        )
        at_work = asyncio.create_task(people.work())
        stack.callback(at_work.cancel)
        if fault.flow is Flow.LIVE:
            await field.share(len(first) / len(records))
            await asyncio.gather(field.trickle(live), fault.act(field))
        else:
            await fault.act(field)
        await _gone_home(at_work)
        await field.settled()
        await field.fleet.end_all()
        ran.events = len(field.published)
        ran.faults = field.faults + (field.proxy.cut if field.proxy is not None else 0)
        ran.recoveries, ran.notes, ran.acts = field.recoveries, field.notes, people.acts
        until = datetime.now(UTC) + field.ahead if fault.flow is Flow.LIVE else None
        expected = expect(
            field.published,
            playbooks() / "retail",
            SECRET.encode(),
            bound=_bound(fault),
            until=until,
            silenced=frozenset(SILENCED),
        )
        outcome = await read_outcome(field.dsn, ground.kafka.bootstrap_servers)
        promised = load(playbooks() / "retail")
        ran.findings = compare(expected, outcome, Peace(quiet=promised.quiet, budgets=promised.budgets))


def _before_and_live(fault: Fault, records: Sequence[Record]) -> tuple[Sequence[Record], Sequence[Record]]:
    began = datetime.now(UTC) if fault.flow is Flow.LIVE else datetime.max.replace(tzinfo=UTC)
    return [one for one in records if one.arrives < began], [one for one in records if one.arrives >= began]


async def _gone_home(at_work: "asyncio.Task[None]") -> None:
    """Let nobody act any more, so that what is left to do comes to an end."""
    at_work.cancel()
    with suppress(asyncio.CancelledError):
        await at_work


def _rules() -> Rules:
    loaded = read_playbook(playbooks() / "retail").playbook
    if loaded is None:
        raise AssertionError("the playbook has faults")
    return compile_playbook(loaded)


async def _field(ground: Ground, fault: Fault, ran: Ran, stack: AsyncExitStack) -> Field:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="feedback-router-chaos-")))
    if ground.keep is not None:
        folder = ground.keep / f"{ran.mutant}{ran.fault}-{ran.workers}-{ran.brokers}-{ran.seed}"
        folder.mkdir(parents=True)
    dice = Random(ran.seed)
    await fresh_topics(ground.kafka, PARTITIONS)
    postgres, disk = ground.postgres, None
    if fault.small_disk:
        postgres, disk, dsn = await stack.enter_async_context(postgres_on_small_disk())
    else:
        dsn = await stack.enter_async_context(_database(ground.databases))
    proxy, reached = None, dsn
    if fault.cut_replies:
        proxy, reached = await stack.enter_async_context(cutting(dsn, dice, fault.cut_replies))
    deployment = Deployment(
        reached,
        ground.kafka.bootstrap_servers,
        playbooks() / "retail",
        folder,
        FEEDBACK_ROUTER_GROUP=f"chaos-{time.time_ns()}",
        FEEDBACK_ROUTER_PSEUDONYM_KEY=SECRET,
        FEEDBACK_ROUTER_CLOCK="wall" if fault.flow is Flow.LIVE else "stream",
        FEEDBACK_ROUTER_STREAM_AHEAD=str(int(_AHEAD.total_seconds())),
        FEEDBACK_ROUTER_TOPIC_REPLICATION=str(len(ground.kafka.brokers)),
        FEEDBACK_ROUTER_BATCH_ROWS="15",
        FEEDBACK_ROUTER_QUEUE_ROWS="100",
        **(({} if ground.defaults else _QUICK) | dict(fault.settings)),
    )
    if ground.defaults:
        del deployment.environment["FEEDBACK_ROUTER_SESSION_TIMEOUT"]
    environment = deployment.environment | {"CHAOS_MUTANT": ran.mutant}
    if fault.flow is Flow.LIVE:
        environment["CHAOS_CLOCK"] = str(folder / "clock")
    fleet = Fleet(environment, folder)
    stack.push_async_callback(fleet.kill_all)
    made = Field(
        kafka=ground.kafka,
        postgres=postgres,
        dsn=dsn,
        fleet=fleet,
        dice=dice,
        workers=ran.workers,
        folder=folder,
        partitions=PARTITIONS + fault.held_back,
        disk=disk,
        proxy=proxy,
        measured=fault.flow is not Flow.WEEKS,
    )
    made.put_clock(0)
    stack.push_async_callback(made.close)
    return made


def _records(fault: Fault, seed: int, events: int, field: Field) -> Sequence[Record]:
    """Make the traffic, and keep back what belongs to partitions that are not there yet."""
    span, bound = _TOLD[fault.flow]
    start = _STARTS.get(fault.flow) or datetime.now(UTC) + _LIVE_IN
    # By the wall clock, what is already over when it is heard of is told as late or not, as it happens.
    before = {"before": timedelta()} if fault.flow is Flow.LIVE else {}
    records = traffic(seed, events, Told(start=start, span=span, bound=bound, **before), partitions=field.partitions)
    field.held_back = [one for one in records if one.partition >= PARTITIONS]
    return [one for one in records if one.partition < PARTITIONS]


def _bound(fault: Fault) -> timedelta:
    """By how much a record may come after one that happened later: its own delay, and what partitions run apart."""
    return _TOLD[fault.flow][1] + _AHEAD


@asynccontextmanager
async def _database(databases: TestServer) -> AsyncIterator[str]:
    dsn = await databases.create(migrated=True)
    try:
        yield dsn
    finally:
        await databases.drop(dsn)
