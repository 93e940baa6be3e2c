"""The demo: a retailer's nine weeks through the whole service, on its stream's own clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from service.adapters.kafka import send_in_order
from service.adapters.postgres import PostgresArchive, PostgresDesk, PostgresOutbox, open_pool
from service.adapters.postgres.pool import Pool
from service.adapters.result_files import summary
from service.app.kafka_parts import connection_of
from service.app.serve import serve
from service.core.records.words import AlertState, Level
from service.demo.stream import DemoEvent, stream
from service.demo.table import DemoProgress, ReviewProgress, TeamProgress
from service.settings import Role, Settings

START = datetime(2026, 3, 2, tzinfo=UTC)
# So far may the publisher run ahead of the decisions: the topics must not drift apart by a day of event time.
_MOST_AHEAD = 1_500
_LOOK_SECONDS = 0.4
_LOT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What to show: how many events, of which seed, and whether to end when they are through."""

    events: int
    seed: int
    exit_when_done: bool


async def run_demo(
    demo: Demo, settings: Settings, show: Callable[[DemoProgress], None], through: Callable[[dict[str, Any]], None]
) -> None:
    """Serve every role, publish the stream, and show how it goes; `through` gets the summary once all is decided.

    It returns when the events are through, with `exit_when_done`, else when the service is told to stop.
    """
    stop = asyncio.Event()
    watch = _Watch(demo)
    serving = asyncio.create_task(serve(settings, list(Role), stop=stop if demo.exit_when_done else None))
    telling = asyncio.create_task(_publish_and_tell(settings, watch, show, through))
    try:
        await asyncio.wait({serving, telling}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
            if demo.exit_when_done:
                stop.set()
            await serving
        else:
            serving.result()
    finally:
        stop.set()
        telling.cancel()
        await asyncio.gather(serving, telling, return_exceptions=True)


async def _publish_and_tell(
    settings: Settings,
    watch: "_Watch",
    show: Callable[[DemoProgress], None],
    through: Callable[[dict[str, Any]], None],
) -> None:
    pool = await open_pool(settings.database_url.get_secret_value(), size=2)
    try:
        await _until_served(pool)
        async with asyncio.TaskGroup() as group:
            group.create_task(
                send_in_order(connection_of(settings), watch.records(), idempotent=False, sent=watch.was_sent)
            )
            while not await watch.look(pool):
                show(watch.progress)
                await asyncio.sleep(_LOOK_SECONDS)
        show(watch.progress)
        through(await watch.summary(pool))
    finally:
        await pool.close()


async def _until_served(pool: Pool) -> None:
    """Wait until a worker holds partitions: by then the service has made the topics, with the partitions it wants."""
    while not await pool.fetchval("SELECT to_regclass('partition_lease') IS NOT NULL"):  # noqa: ASYNC110 (in a server)
        await asyncio.sleep(0.1)
    while not await pool.fetchval("SELECT EXISTS (SELECT FROM partition_lease)"):  # noqa: ASYNC110 (as above)
        await asyncio.sleep(0.1)


class _Watch:
    """Counts what was published and looks at what was decided."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._published = 0
        self._clock: datetime | None = None
        self._started = asyncio.get_running_loop().time()
        self._room = asyncio.Event()
        self.progress = self._progress({}, {}, {}, (), 0)

    async def records(self) -> AsyncIterator[tuple[str, bytes | None, bytes | None]]:
        """Yield the stream in lots, never far ahead of what was decided."""
        for count, event in enumerate(self._events(), start=1):
            while count % _LOT == 0 and count - self.progress.consumed > _MOST_AHEAD:
                self._room.clear()
                await self._room.wait()
            self._published, self._clock = count, event.at
            value = event.value if isinstance(event.value, bytes) else orjson.dumps(event.value)
            yield event.topic, event.key.encode() if event.key is not None else None, value

    def was_sent(self, _: int) -> None:
        """Nothing to do: what counts is what was decided."""

    async def look(self, pool: Pool) -> bool:
        """Read the books and the queues; return whether every event is through and every notice is out."""
        books = await PostgresArchive(pool).books()
        verdicts = {
            "duplicate": books.duplicate,
            "superseded": books.superseded,
            "rejected": sum(books.rejected.values()),
        }
        for (_, verdict), count in books.verdicts.items():
            verdicts[verdict] = verdicts.get(verdict, 0) + count
        open_counts = await PostgresDesk(pool).open_counts()
        opened = {team: sum(counts.values()) for team, counts in open_counts.items()}
        rows = await pool.fetch("SELECT team, count(*) AS notices FROM notice GROUP BY team")
        told = {row["team"]: row["notices"] for row in rows}
        self.progress = self._progress(verdicts, opened, told, await _reviews(pool), books.consumed)
        if books.consumed > self._published - _MOST_AHEAD:
            self._room.set()
        return books.consumed >= self._demo.events and await PostgresOutbox(pool).oldest() is None

    async def summary(self, pool: Pool) -> dict[str, Any]:
        """Write down the books, the reviews and what each team was told."""
        archive = PostgresArchive(pool)
        alerts = [alert async for alert in archive.alerts()]
        reviews = [review async for review in archive.reviews()]
        by_reason: dict[str, int] = {}
        by_team: dict[str, int] = {}
        async for notice in archive.notices():
            by_reason[notice["reason"]] = by_reason.get(notice["reason"], 0) + 1
            by_team[notice["team"]] = by_team.get(notice["team"], 0) + 1
        kinds = [alert["kind"] for alert in alerts]
        levels = {(one["cell"]["process"], one["cell"]["category"], one["episode_level"]) for one in reviews}
        return {
            **summary(await archive.books(), alerts=len(alerts), reviews=len(reviews)),
            "alerts_by_kind": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
            "open_alerts": sum(alert["state"] == AlertState.OPEN.value for alert in alerts),
            "notices": {"total": sum(by_team.values()), "by_reason": by_reason, "by_team": by_team},
            "review_levels": {
                level.value: sorted(f"{process}/{category}" for process, category, one in levels if one == level.value)
                for level in Level
            },
            "seconds": round(asyncio.get_running_loop().time() - self._started, 1),
        }

    def _events(self) -> Iterator[DemoEvent]:
        return stream(self._demo.seed, self._demo.events, START)

    def _progress(
        self,
        verdicts: dict[str, int],
        opened: dict[str, int],
        told: dict[str, int],
        reviews: tuple[ReviewProgress, ...],
        consumed: int,
    ) -> DemoProgress:
        return DemoProgress(
            events=self._demo.events,
            published=self._published,
            consumed=consumed,
            clock=self._clock,
            elapsed=timedelta(seconds=asyncio.get_running_loop().time() - self._started),
            verdicts={name: count for name, count in verdicts.items() if count},
            teams=tuple(
                TeamProgress(team=team, open_alerts=opened.get(team, 0), notices=told.get(team, 0))
                for team in sorted({*opened, *told})
            ),
            reviews=reviews,
        )


async def _reviews(pool: Pool) -> tuple[ReviewProgress, ...]:
    """Read the volume alerts, each with what its latest tick expected."""
    expected = {review["alert_id"]: review["expected"] async for review in PostgresArchive(pool).reviews()}
    found = [alert async for alert in PostgresArchive(pool).alerts() if alert["kind"] == "volume"]
    return tuple(
        ReviewProgress(
            level=alert["level"],
            state=alert["state"],
            process=alert["process"],
            category=alert["category"],
            customers=alert["customers"],
            expected=expected.get(alert["alert_id"], 0.0),
        )
        for alert in found
    )
