"""A PostgreSQL server -> the same server behind a line that loses the replies of some commits.

The commit reaches the server and takes effect; then both ends are cut off before the client hears of it.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, quote, urlsplit

_COMMIT = b"COMMIT\x00"
_CHUNK = 65_536


class CuttingProxy:
    """`share` of the commits lose their reply; `cut` counts them."""

    def __init__(self, socket: str, dice: Random, share: float) -> None:
        self.share = share
        self.cut = 0
        self._socket = socket
        self._dice = dice

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(self._socket)
        except OSError:
            writer.close()
            return
        doomed = asyncio.Event()
        ways = {
            asyncio.create_task(self._there(reader, up_writer, doomed)),
            asyncio.create_task(self._back(up_reader, writer, doomed)),
        }
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, up_writer):
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _there(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if chunk.endswith(_COMMIT) and self._dice.random() < self.share:
                    doomed.set()
                writer.write(chunk)
                await writer.drain()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, doomed: asyncio.Event) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                if doomed.is_set():
                    self.cut += 1
                    return
                writer.write(chunk)
                await writer.drain()


@asynccontextmanager
async def cutting(dsn: str, dice: Random, share: float) -> AsyncIterator[tuple[CuttingProxy, str]]:
    """Yield the proxy, and the DSN by which the server is reached through it."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    name = f".s.PGSQL.{query['port'][0]}"
    folder = Path(tempfile.mkdtemp(prefix="feedback-router-proxy-"))
    proxy = CuttingProxy(f"{query['host'][0]}/{name}", dice, share)
    server = await asyncio.start_unix_server(proxy.serve, folder / name)
    try:
        yield proxy, parts._replace(query=f"host={quote(str(folder), safe='')}&port={query['port'][0]}").geturl()
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
