"""A file system of a few megabytes in memory -> a PostgreSQL on it, for as long as the block lasts."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from service.adapters.postgres import migrate
from service.embedded.postgres import EmbeddedPostgres, start_postgres

_SIZE = "160m"


class NoSmallDisk(Exception):
    """This process may not mount a file system; the message says what was answered."""


@asynccontextmanager
async def postgres_on_small_disk() -> AsyncIterator[tuple[EmbeddedPostgres, Path, str]]:
    """Yield the server, the disk's folder and the DSN of a migrated database.

    Raises:
        NoSmallDisk: it needs the right to mount.
    """
    folder = await asyncio.to_thread(_mounted)
    try:
        server = await asyncio.to_thread(start_postgres, data_dir=folder / "data", fsync=False)
        try:
            await migrate.upgrade(server.dsn)
            yield server, folder, server.dsn
        finally:
            await asyncio.to_thread(server.stop)
    finally:
        await asyncio.to_thread(_unmount, folder)


def _mounted() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="feedback-router-disk-"))
    answer = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=0755", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        folder.rmdir()
        raise NoSmallDisk(answer.stderr.strip())
    return folder


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=False)
    folder.rmdir()
