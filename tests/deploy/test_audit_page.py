"""The page on the audit names every action, kind and fault; its script and its roles do what it says."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import asyncpg
import orjson
import pytest

from service.adapters.postgres.audit import append
from service.adapters.postgres.session import Session
from service.core.audit import GENESIS, Action, AuditFault, AuditOutcome, ObjectKind, document, opening, seal
from service.core.records.doer import Doer, Means
from tests.core.audit.chains import entry
from tests.deploy.test_docs import coded, page, rows, section


def test_every_word_of_the_audit_is_on_its_page() -> None:
    told = {row[0]: set(coded(row[1])) for row in rows(section("audit.md", "What is in it"))}
    assert told["`action`"] == {action.value for action in Action}
    assert {kind.value for kind in ObjectKind} <= told["`kind`, `id`, `team`"]
    assert told["`actor`, `role`, `means`"] == {means.value for means in Means}
    assert told["`outcome`"] == {outcome.value for outcome in AuditOutcome}
    faults = {name for row in rows(section("audit.md", "Proving it")) for name in coded(row[0])}
    assert faults == {fault.value for fault in AuditFault}


def test_the_script_of_the_page_tells_a_whole_export_from_a_changed_one(tmp_path: Path) -> None:
    head, entries = seal(GENESIS, [entry(1), replace(entry(2), doer=Doer(name="jürgen"))])
    lines = [orjson.dumps(opening(None, head)), *(orjson.dumps(document(one)) for one in entries)]
    script = page("audit.md").split("```python\n")[1].split("```")[0]

    def checked(text: bytes) -> int:
        (tmp_path / "audit.jsonl").write_bytes(text)
        return subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, check=False).returncode

    assert checked(b"\n".join(lines)) == 0
    assert checked(b"\n".join(lines).replace(b'"ana"', b'"ben"')) == 1


@pytest.mark.postgres
async def test_the_role_of_the_page_can_add_and_can_change_nothing(database: str) -> None:
    connection = await asyncpg.connect(database)
    script = page("audit.md").split("```sql\n")[1].split("```")[0]
    await connection.execute("CREATE ROLE feedback_router")
    try:
        await connection.execute(script)
        await connection.execute("SET ROLE feedback_router")
        await append(Session(connection), [entry(1), entry(2)])
        for statement in ("UPDATE audit SET actor = 'ben'", "TRUNCATE audit", "DROP TRIGGER audit_stays ON audit"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        with pytest.raises(asyncpg.RestrictViolationError):
            await connection.execute("DELETE FROM audit")
        assert await connection.fetchval("SELECT count(*) FROM audit") == 2
    finally:
        await connection.execute(
            "RESET ROLE; DROP OWNED BY feedback_router, audit_owner; DROP ROLE feedback_router, audit_owner"
        )
        await connection.close()
