"""A database with empty tables, ours or the peers' -> the same with so many rows in them, made within PostgreSQL."""

from tests.bench.race.contestants import Absent


async def fill(dsn: str, rows: int) -> None:
    raise Absent(f"nothing fills {dsn.rpartition('/')[2]} with {rows:,} rows yet")
