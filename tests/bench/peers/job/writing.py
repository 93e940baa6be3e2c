"""What is asked for -> how a synchronous peer writes: events or batches, by the ORM or by our statements."""

from collections.abc import Callable, Sequence

import psycopg
from sqlalchemy.orm import Session

from tests.bench.peers.job import own, sql
from tests.bench.peers.job.asked import Asked
from tests.bench.peers.job.judge import Judged, Refused

WriteOne = Callable[[Judged | Refused], None]
WriteAll = Callable[[Sequence[Judged | Refused]], None]


def one_by_one(asked: Asked) -> WriteOne:
    """Return a function that writes an event in a transaction of its own, on a connection that it keeps."""
    if asked.ours:
        by_statements = batches(asked)
        return lambda judged: by_statements([judged])
    engine = own.engine_of(asked.dsn, 1)

    def write(judged: Judged | Refused) -> None:
        with Session(engine, expire_on_commit=False) as session:
            own.store(session, judged)

    return write


def batches(asked: Asked) -> WriteAll:
    """Return a function that writes a batch in one transaction, on a connection that it keeps."""
    if asked.ours:
        connection = psycopg.connect(asked.dsn, autocommit=True)
        return lambda judged: sql.write_sync(connection, judged)
    engine = own.engine_of(asked.dsn, 1)

    def write(judged: Sequence[Judged | Refused]) -> None:
        with Session(engine, autoflush=False, expire_on_commit=False) as session:
            own.store_all(session, judged)

    return write
