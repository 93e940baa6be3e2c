"""A store -> every row of it as text, by table, so that a word can be looked for in all of them."""

from collections.abc import Mapping, Sequence

from service.adapters.memory import MemoryStore
from service.adapters.postgres.packed import pairs
from service.adapters.postgres.session import lent
from tests.ports.conftest import PostgresRig, Rig

_TABLES = """
SELECT relname AS name FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1
"""


async def everything(rig: Rig) -> Mapping[str, Sequence[str]]:
    """Return the rows of each table; bytes are given as the text that they hold."""
    if isinstance(rig, PostgresRig):
        async with lent(rig.pool) as session:
            names = [row["name"] for row in await session.fetch(_TABLES)]
            rows = {name: await session.fetch(f"TABLE {name}") for name in names}
        read = {name: [repr(tuple(row.values())) for row in found] for name, found in rows.items()}
        return read | {"outbox": [repr((tuple(row.values()), pairs(row))) for row in rows["outbox"]]}
    assert isinstance(rig.store, MemoryStore)
    # Rows that are no more stay in indexes by time, which name alerts and instances alone.
    return {name: [repr(held)] for name, held in vars(rig.store.rows).items() if name not in ("due", "late")}


async def where(rig: Rig, *words: str) -> Mapping[str, Sequence[str]]:
    """Name the tables in which a word stands, with the rows."""
    found = await everything(rig)
    return {name: hits for name, rows in found.items() if (hits := [row for row in rows if any(map(row.count, words))])}
