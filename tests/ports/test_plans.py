"""Statements as PostgreSQL plans them on new and empty tables: none will read a whole table once that has grown."""

import re

import pytest

from service.adapters.postgres import hanging, muting, queries, silences, writes
from tests.ports.conftest import PostgresRig

pytestmark = [pytest.mark.postgres, pytest.mark.every_postgres]

# These read all that cells remember, every day since one, and all that an alert holds.
_WHOLE = {"CELLS", "CONTACTS", "MEMBERS_OF"}
_STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": statement
    for module in (queries, hanging, writes)
    for name, statement in vars(module).items()
    if name[0] != "_" and name.isupper() and isinstance(statement, str) and name not in _WHOLE
}


async def test_no_statement_of_a_transaction_reads_a_whole_table(postgres_rig: PostgresRig) -> None:
    reading: dict[str, str] = {}
    async with postgres_rig.pool.acquire() as connection:
        for name, statement in _STATEMENTS.items():
            arguments = ", ".join("NULL" for _ in set(re.findall(r"\$\d+", statement)))
            await connection.execute(f"PREPARE planned AS {statement}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE planned{f'({arguments})' if arguments else ''}")
            plan = "\n".join(row[0] for row in rows)
            await connection.execute("DEALLOCATE planned")
            if re.search(r"Seq Scan|Hash Join|Merge Join|Materialize.*\n *->  (Bitmap|Index)|member_alert", plan):
                reading[name] = plan
    assert len(_STATEMENTS) > 30
    assert reading == {}


_OF_SILENCES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": statement
    for module, names in (
        (silences, ("SILENCE", "CAME", "EXAMPLES", "INTERRUPTS", "OPEN")),
        (muting, ("_HIDDEN", "_HELD", "_SILENCE")),
    )
    for name, statement in vars(module).items()
    if name in names
}


async def test_no_statement_about_silences_reads_all_alerts_members_or_notices(postgres_rig: PostgresRig) -> None:
    reading: dict[str, str] = {}
    async with postgres_rig.pool.acquire() as connection:
        for name, statement in _OF_SILENCES.items():
            arguments = ", ".join("NULL" for _ in set(re.findall(r"\$\d+", statement)))
            await connection.execute(f"PREPARE planned AS {statement}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE planned({arguments})")
            plan = "\n".join(row[0] for row in rows)
            await connection.execute("DEALLOCATE planned")
            if "Seq Scan" in plan:
                reading[name] = plan
    assert (len(_OF_SILENCES), reading) == (8, {})
