"""Judged events -> their rows by the ORM: what users of SQLAlchemy write in a handler, a transaction for each event.

Where a framework hands out batches, `store_all` writes one in one transaction, and what is merely added goes in bulk.
Two that change the same row are settled by upserts; a known event leaves nothing behind. What differs between the
synchronous and the asynchronous session is `await` alone.
"""

from collections.abc import Sequence
from operator import attrgetter

from sqlalchemy import URL, Engine, create_engine, func, make_url
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.dml import Insert
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from tests.bench.peers.job.judge import Judged, Refused
from tests.bench.peers.job.models import Alert, Contribution, EventIdentity, Feedback, Member, Outgoing, Refusal, Table
from tests.bench.peers.job.notices import CLASSIFIED, notice


def engine_of(dsn: str, connections: int) -> Engine:
    """Return an engine on psycopg; JSON goes as `judge` has written it."""
    return create_engine(_url(dsn, "psycopg"), pool_size=connections, max_overflow=0, json_serializer=str)


def async_engine_of(dsn: str, connections: int) -> AsyncEngine:
    """Return an engine on asyncpg; JSON goes as `judge` has written it."""
    return create_async_engine(_url(dsn, "asyncpg"), pool_size=connections, max_overflow=0, json_serializer=str)


def _url(dsn: str, driver: str) -> URL:
    return make_url(dsn).set(drivername=f"postgresql+{driver}")


def store(session: Session, judged: Judged | Refused) -> None:
    """Write one event and commit."""
    with session.begin():
        if isinstance(judged, Refused):
            session.add(_refusal(judged))
            return
        if session.scalar(_admit(judged)) is None:
            return
        session.execute(_contribute(judged))
        if judged.alerts:
            alert = session.execute(_alert(judged)).one()
            session.execute(_join(judged))
            session.add_all(_told(judged, *alert))
        session.add_all(_rows(judged))


def store_all(session: Session, judged: Sequence[Judged | Refused]) -> None:
    """Write a batch and commit; the session should not flush by itself."""
    with session.begin():
        session.add_all([_refusal(one) for one in judged if isinstance(one, Refused)])
        given = [one for one in judged if isinstance(one, Judged)]
        fresh = [one for one in given if session.scalar(_admit(one)) is not None]
        for one in fresh:
            session.execute(_contribute(one))
            session.add_all(_rows(one))
        # In the order of their keys, so that two writers wait and do not deadlock.
        for one in sorted([one for one in fresh if one.alerts], key=attrgetter("alert_key")):
            alert = session.execute(_alert(one)).one()
            session.execute(_join(one))
            session.add_all(_told(one, *alert))


async def store_async(session: AsyncSession, judged: Judged | Refused) -> None:
    """Write one event and commit."""
    async with session.begin():
        if isinstance(judged, Refused):
            session.add(_refusal(judged))
            return
        if await session.scalar(_admit(judged)) is None:
            return
        await session.execute(_contribute(judged))
        if judged.alerts:
            alert = (await session.execute(_alert(judged))).one()
            await session.execute(_join(judged))
            session.add_all(_told(judged, *alert))
        session.add_all(_rows(judged))


def _refusal(refused: Refused) -> Refusal:
    return Refusal(reason=refused.reason, detail=refused.detail, value=refused.value)


def _admit(judged: Judged) -> "ReturningInsert[str]":
    """Return a statement whose answer is the event's id, and nothing where the event is known."""
    row = insert(EventIdentity).values(source=judged.source, id=judged.event_id)
    return row.on_conflict_do_nothing().returning(EventIdentity.id)


def _contribute(judged: Judged) -> Insert:
    key = {"source": judged.source, "subject": judged.subject}
    rest = {
        "customer": judged.customer,
        "process": judged.process,
        "category": judged.category,
        "region": judged.region,
        "day": judged.occurred_at.date(),
        "negative": judged.negative,
        "points": judged.severity,
    }
    row = insert(Contribution).values(**key, **rest)
    return row.on_conflict_do_update(index_elements=list(key), set_=rest)


def _alert(judged: Judged) -> "ReturningInsert[int, int, int | None]":
    key = {"process": judged.process, "category": judged.category, "region": judged.region}
    row = insert(Alert).values(**key, team=judged.team, events=1, worst=judged.severity, last_seen=judged.occurred_at)
    return row.on_conflict_do_update(
        index_elements=list(key),
        set_={
            "events": Alert.events + 1,
            "previous": Alert.worst,
            "worst": func.greatest(Alert.worst, row.excluded.worst),
            "last_seen": func.greatest(Alert.last_seen, row.excluded.last_seen),
        },
    ).returning(Alert.events, Alert.worst, Alert.previous)


def _join(judged: Judged) -> Insert:
    key = {"source": judged.source, "subject": judged.subject, "process": judged.process}
    key |= {"category": judged.category, "region": judged.region}
    rest = {"event_id": judged.event_id, "customer": judged.customer, "severity": judged.severity}
    return insert(Member).values(**key, **rest).on_conflict_do_update(index_elements=list(key), set_=rest)


def _rows(judged: Judged) -> Sequence[Table]:
    return (
        Feedback(
            source=judged.source,
            event_id=judged.event_id,
            occurred_at=judged.occurred_at,
            document=judged.document,
            explanation=judged.explanation,
        ),
        Outgoing(topic=CLASSIFIED, key=judged.customer, value=judged.classified),
    )


def _told(judged: Judged, events: int, worst: int, previous: int | None) -> Sequence[Table]:
    told = notice(judged.alert_key, judged.team, events, worst, previous)
    return () if told is None else (Outgoing(topic=told[0], key=told[1], value=told[2]),)
