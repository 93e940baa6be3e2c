"""A connection -> requests of a bounded head, each read in time and answered in time; the rest is uvicorn's.

The server knows no bound of its own: a head that never ends would be kept whole, and a client that says nothing, or
does not take its answer, would hold its connection for ever.
"""

import asyncio
from http import HTTPStatus

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.api.guard import HEAD_BYTES
from service.api.problems import MEDIA_TYPE, SAFE_HEADERS, Kind, problem

MOST_CONNECTIONS = 512
HEAD_SECONDS = 10.0
ANSWER_SECONDS = 30.0


class BoundedConnection(HttpToolsProtocol):
    """Bounds how many connections there are, what is kept of a head, and how long a client may take over either end."""

    most = MOST_CONNECTIONS
    head_seconds = HEAD_SECONDS
    answer_seconds = ANSWER_SECONDS
    _head_bytes = 0
    _is_head = True
    _reading: asyncio.TimerHandle | None = None
    _writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # As uvicorn narrows it.
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._end(Kind.CROWDED)
        else:
            self._reading = self.loop.call_later(self.head_seconds, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._is_head and not self.transport.is_closing():
            self._head_bytes += len(data)
            if self._head_bytes > 2 * HEAD_BYTES:
                self._end(Kind.HEAD_TOO_LARGE)

    def on_message_begin(self) -> None:
        self._is_head, self._head_bytes = True, 0
        if self._reading is None:
            self._reading = self.loop.call_later(self.head_seconds, self._too_slow)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_head = False
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        super().on_headers_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing = self._writing or self.loop.call_later(self.answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None

    def send_400_response(self, msg: str) -> None:
        self._end(Kind.UNREADABLE, msg)

    def _too_slow(self) -> None:
        # Who has not said a word is not owed one.
        if self._head_bytes:
            self._end(Kind.TOO_SLOW)
        else:
            self.transport.close()

    def _end(self, kind: Kind, detail: str | None = None) -> None:
        """Answer without a request, and close."""
        self._disarm()
        body = orjson.dumps(problem(kind, detail))
        headers = {
            **SAFE_HEADERS,
            "Content-Type": MEDIA_TYPE,
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}", *(f"{k}: {v}" for k, v in headers.items())]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.transport.close()

    def _disarm(self) -> None:
        for timer in (self._reading, self._writing):
            if timer is not None:
                timer.cancel()
        self._reading = self._writing = None
