"""What is done to the service while it works: each act is a story that plays on a field."""

import asyncio
from collections.abc import Sequence

from tests.chaos.boundaries import BOUNDARIES
from tests.chaos.field import Field

_DEATH_SECONDS = 15.0
_LATE_DEATH_SECONDS = 0.5
# A worker must have begun, been given partitions and worked before it stops itself; a busy machine takes its time.
_STOP_SECONDS = 60.0
_COMMIT_SECONDS = 0.5
_HOUR = 3_600
# Longer than the session timeout of six seconds: by then the group has given the partitions to somebody else.
_FROZEN_SECONDS = 8.0


async def nothing(field: Field) -> None:
    """Leave it alone: what the traffic itself does to the engine is bad enough."""
    await field.share(1.0)


async def kills(field: Field) -> None:
    for share in (0.15, 0.35, 0.55, 0.75):
        await field.share(share)
        await field.pause(0.0, 0.5)
        victim = field.dice.choice([*[f"worker-{number}" for number in range(field.workers)], "relay-1"])
        await field.fleet.kill(victim)
        await field.fleet.start(victim, *(("relay", "ticker") if victim == "relay-1" else ("worker",)))
        await field.recovered()


async def worker_deaths(field: Field) -> None:
    """Let all workers die at each boundary in turn; those that never come there are killed as well."""
    names = [f"worker-{number}" for number in range(field.workers)]
    for name in names:
        await field.fleet.kill(name)
    for boundary, planted in BOUNDARIES.items():
        if planted.role == "worker":
            for number in range(field.workers):
                await field.start_worker(number, CHAOS_DEATH=f"{boundary}:{planted.passes}")
            await _died(field, names, boundary)
    for number in range(field.workers):
        await field.start_worker(number)
    await field.recovered()


async def relay_deaths(field: Field) -> None:
    """Die once at each boundary of the relay, while decisions go on."""
    await field.fleet.kill("relay-1")
    for name, boundary in BOUNDARIES.items():
        if boundary.role == "relay":
            await field.start_relay(1, CHAOS_DEATH=f"{name}:{boundary.passes}")
            await _died(field, ["relay-1"], name)
    await field.start_relay(1)
    await field.recovered()


async def _died(field: Field, names: Sequence[str], boundary: str) -> None:
    """Wait until one of these has died where it was to die; then the others have a little longer."""
    field.faults += 1
    first = await field.fleet.first_death(names, _DEATH_SECONDS)
    if first is None:
        field.notes.append(f"nobody came to {boundary}")
    for name in names:
        if name != first and not await field.fleet.died(name, _LATE_DEATH_SECONDS):
            await field.fleet.kill(name)


async def zombies(field: Field) -> None:
    """Freeze a worker and the relay, and let them wake up after others have taken over.

    The worker sleeps between two batches, with records in hand and no lock held: the lease alone can stop it.
    """
    await field.fleet.frozen("worker-0", _STOP_SECONDS)
    if field.workers == 1:
        await field.start_worker(1)
    await field.start_relay(2)
    field.fleet.freeze("relay-1")
    await asyncio.sleep(_FROZEN_SECONDS)
    for sleeper in ("worker-0", "relay-1"):
        field.fleet.thaw(sleeper)
    await field.recovered()


async def sleepers(field: Field) -> None:
    """Freeze a worker at any moment, whatever it holds, and let it go on."""
    await field.share(0.1)
    await field.pause(0.0, 0.5)
    if field.workers == 1:
        await field.start_worker(1)
    field.fleet.freeze("worker-0")
    await asyncio.sleep(_FROZEN_SECONDS)
    field.fleet.thaw("worker-0")
    await field.recovered()


async def scaling(field: Field) -> None:
    """Go from one worker to four, and back to one, in good order and in bad."""
    await field.share(0.15)
    for number in range(field.workers, 4):
        await field.start_worker(number)
    await field.recovered()
    await field.share(0.5)
    for number in range(1, 4):
        await (field.fleet.end if number % 2 else field.fleet.kill)(f"worker-{number}")
    await field.recovered()


async def database_killed(field: Field) -> None:
    for share in (0.2, 0.6):
        await field.share(share)
        field.postgres.kill()
        await field.pause(0.5, 2.0)
        await asyncio.to_thread(field.postgres.restart)
        await field.recovered()


async def sessions_ended(field: Field) -> None:
    """End sessions of the database at random, as an operator would."""
    await field.share(0.1)
    for _ in range(25):
        await field.pause(0.05, 0.3)
        await field.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'feedback-router' AND random() < 0.5"
        )
        field.faults += 1
    await field.recovered()


async def replies_cut(field: Field) -> None:
    """The line does the work: a share of the commits lose their reply."""
    await field.share(1.0)


async def broker_killed(field: Field) -> None:
    """Kill one broker of a cluster, or the lone one and its relay."""
    for share in (0.15, 0.5):
        await field.share(share)
        broker = field.dice.choice(field.kafka.brokers)
        lone = len(field.kafka.brokers) == 1
        if lone:
            await _without_relay(field)
        broker.kill()
        await field.pause(1.0, 3.0)
        await asyncio.to_thread(broker.start)
        if lone:
            await field.start_relay()
        await field.recovered()


async def brokers_restarted(field: Field) -> None:
    await field.share(0.2)
    if len(field.kafka.brokers) > 1:
        field.kafka.kill()
    else:
        await asyncio.to_thread(field.kafka.halt)
    await asyncio.to_thread(field.kafka.start)
    await field.recovered()


async def _without_relay(field: Field) -> None:
    """Let a commit that is under way end: a lone broker that is killed in it never ends it, whoever the client is."""
    await field.fleet.kill("relay-1")
    await asyncio.sleep(_COMMIT_SECONDS)


async def partitions_added(field: Field) -> None:
    """Give the topics two more partitions, and publish into these what was held back for them."""
    await field.share(0.1)
    await field.add_partitions()
    await field.recovered()


async def many_hands(field: Field) -> None:
    """Two relays and three tickers at once, one of which is killed, and the other frozen for a while."""
    await field.start_relay(2)
    await field.fleet.start("ticker-3", "ticker")
    await field.share(0.3)
    await field.fleet.kill("relay-1")
    await field.recovered()
    await field.start_relay(1)
    await field.share(0.6)
    field.fleet.freeze("relay-2")
    await field.pause(1.0, 2.0)
    field.fleet.thaw("relay-2")
    await field.recovered()


async def tickers(field: Field) -> None:
    """Let three tickers race for the same timers, each time the clock has made all of them due at once.

    The last step goes past a week's end, when nothing is under way any more: the weekly tick is raced for as well.
    """
    await field.start_relay(2)
    await field.fleet.start("ticker-3", "ticker")
    await field.share(0.5)
    field.put_clock(_HOUR)
    await field.fired()
    await field.fleet.kill("ticker-3")
    field.faults += 1
    await field.fleet.start("ticker-3", "ticker")
    await field.share(1.0)
    for ahead in (26 * _HOUR, 8 * 24 * _HOUR):
        field.put_clock(ahead)
        await field.fired()
        field.faults += 1


async def clock_stepped(field: Field) -> None:
    """Put every process's clock back an hour, and start one anew that never knew another time."""
    await field.share(0.3)
    field.put_clock(-_HOUR)
    await field.fleet.kill("worker-0")
    await field.start_worker(0)
    await field.recovered()
    await field.share(0.7)
    field.put_clock(0)
    await field.recovered()


async def disk_full(field: Field) -> None:
    """Fill the database's disk up to the last byte, and make room again."""
    await field.share(0.2)
    if field.disk is None:
        raise AssertionError("this fault needs a disk of its own")
    ballast = field.disk / "ballast"
    with ballast.open("wb") as sink:
        try:
            while True:
                sink.write(b"\0" * 65_536)
                sink.flush()
        except OSError:
            field.notes.append(f"the disk was full after {ballast.stat().st_size // 1024} KiB of ballast")
    await asyncio.sleep(4.0)
    ballast.unlink(missing_ok=True)
    await asyncio.to_thread(field.postgres.restart)
    await field.recovered()
