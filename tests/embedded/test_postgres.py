"""The embedded PostgreSQL: what it starts from, survives and leaves behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from service.embedded.postgres import EmbeddedPostgres, start_postgres
from service.embedded.server import EmbeddedUnavailable, runtime_folder, unprivileged_account

pytestmark = pytest.mark.postgres

ORPHAN_SECONDS = 15.0
ORPHANED = """
import os, signal
from service.embedded.postgres import start_postgres
server = start_postgres(fsync=False)
print(server.dsn, server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    with start_postgres(fsync=False) as running:
        yield running


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    # The folders that pytest makes are private to us, and the server may have to run as somebody else.
    folder = runtime_folder(longest_name="kept", limit=1_000, account=unprivileged_account())
    yield folder
    shutil.rmtree(folder)


async def _value(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def _socket_folder(dsn: str) -> Path:
    return Path(parse_qs(urlsplit(dsn).query)["host"][0])


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    # A dead process stays as a zombie (Z) until process 1 finds the time to reap it.
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_it_answers_in_utf8_and_utc_and_without_tcp(server: EmbeddedPostgres) -> None:
    query = """select array[current_setting('server_encoding'), current_setting('timezone'),
               current_setting('listen_addresses'), current_user]"""
    assert await _value(server.dsn, query) == ["UTF8", "UTC", "", "postgres"]


async def test_sqlalchemy_takes_its_dsn(server: EmbeddedPostgres) -> None:
    engine = create_async_engine(server.dsn.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.connect() as connection:
        assert (await connection.execute(text("select 1"))).scalar_one() == 1
    await engine.dispose()


def test_its_socket_is_short_and_open_to_its_owner_alone(server: EmbeddedPostgres) -> None:
    folder = _socket_folder(server.dsn)
    (socket,) = folder.glob(".s.PGSQL.*[0-9]")
    account = unprivileged_account()
    owner = os.geteuid() if account is None else account.uid
    assert len(os.fsencode(socket)) < 100
    assert (oct(folder.stat().st_mode), folder.stat().st_uid) == ("0o40700", owner)


async def test_a_committed_row_outlives_kill_and_an_open_transaction_does_not(server: EmbeddedPostgres) -> None:
    witness = await asyncpg.connect(server.dsn)
    await witness.execute("create table kept (id int); insert into kept values (1)")
    await witness.execute("begin; insert into kept values (2)")
    killed = server.pid
    server.kill()
    while_dead = server.pid
    server.restart()
    witness.terminate()
    assert while_dead is None
    assert server.pid not in {None, killed}
    assert await _value(server.dsn, "select array_agg(id) from kept") == [1]


async def test_its_log_keeps_no_row_of_a_refused_statement(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await _value(server.dsn, "select 'my card is 4111'::int")
    assert "4111" not in (_socket_folder(server.dsn) / "log").read_text()


async def test_stopping_leaves_neither_process_nor_folder_and_can_be_said_twice() -> None:
    server = start_postgres(fsync=False)
    pid, folder = server.pid, _socket_folder(server.dsn)
    server.stop()
    server.stop()
    assert pid is not None
    assert (_alive(pid), folder.exists(), server.pid) == (False, False, None)


async def test_a_given_data_folder_outlives_its_server(reachable_folder: Path) -> None:
    with start_postgres(data_dir=reachable_folder / "kept", fsync=False) as first:
        await _value(first.dsn, "create table kept (id int)")
    with start_postgres(data_dir=reachable_folder / "kept", fsync=False) as second:
        assert await _value(second.dsn, "select count(*) from kept") == 0


def test_a_folder_without_binaries_is_named(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedUnavailable, match=re.escape(f"no PostgreSQL server in {tmp_path}")):
        start_postgres(tmp_path)


def test_it_ends_with_a_process_that_was_killed() -> None:
    parent = subprocess.run([sys.executable, "-c", ORPHANED], capture_output=True, text=True, check=False)
    dsn, pid = parent.stdout.split()
    assert parent.returncode == -signal.SIGKILL
    give_up_at = time.monotonic() + ORPHAN_SECONDS
    while (_alive(int(pid)) or _socket_folder(dsn).exists()) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert (_alive(int(pid)), _socket_folder(dsn).exists()) == (False, False)
