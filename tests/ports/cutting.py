"""A unix socket before PostgreSQL's own, which loses what it is told to lose."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, quote, urlsplit

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_CHUNK = 65536


class Loss(Enum):
    """What gets lost with the connection: nothing, COMMIT itself, or the reply to it."""

    NOTHING = "nothing"
    REQUEST = "request"
    REPLY = "reply"


class Cutter:
    """`dsn` leads through it; `loss` holds for the next COMMIT on any connection."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.loss = Loss.NOTHING
        self._server = Path(parse_qs(urlsplit(dsn).query)["host"][0]) / _SOCKET
        self.dsn = urlsplit(dsn)._replace(query=f"host={quote(str(folder), safe='')}&port=5432").geturl()

    async def serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        from_server, to_server = await asyncio.open_unix_connection(self._server)
        muted = asyncio.Event()

        async def carry_requests() -> None:
            while data := await reader.read(_CHUNK):
                if _COMMIT in data and self.loss is Loss.REQUEST:
                    return
                if _COMMIT in data and self.loss is Loss.REPLY:
                    muted.set()
                to_server.write(data)

        async def carry_replies() -> None:
            while data := await from_server.read(_CHUNK):
                if muted.is_set():
                    return
                writer.write(data)

        ways = [asyncio.create_task(carry_requests()), asyncio.create_task(carry_replies())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (to_server, writer):
            end.close()
        with suppress(OSError):
            await to_server.wait_closed()
            await writer.wait_closed()


@asynccontextmanager
async def cutting(dsn: str) -> AsyncIterator[Cutter]:
    with TemporaryDirectory(prefix="cut-") as folder:
        cutter = Cutter(dsn, Path(folder))
        server = await asyncio.start_unix_server(cutter.serve, Path(folder) / _SOCKET)
        yield cutter
        server.close()
        await server.wait_closed()
