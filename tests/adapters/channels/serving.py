"""A real HTTP server on loopback that answers as a test says and keeps what it was sent; a mail server likewise."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP

from service.adapters.channels import Couriers, open_posting
from service.core.records.deliveries import Attempt, Delivery, Known
from service.ports import Parcel
from tests.builders import START
from tests.delivering import make_channel

# A certificate that signs itself, valid for a hundred years, with its key.
_LOCALHOST = Path(__file__).parent / "localhost.pem"


@dataclass(slots=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered; None for the status is never to answer."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Served:
    """A server that is up: where, what it was asked, and what it is going to answer before it answers 200."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


@asynccontextmanager
async def serving(*answers: Answer, certified: ssl.SSLContext | None = None) -> AsyncIterator[Served]:
    served = Served(url="", answers=list(answers))

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        served.asked.append(Asked(head[0].split()[1], headers, body))
        answer = served.answers.pop(0) if served.answers else Answer()
        if answer.status is None:
            # Whoever asked gives up, which ends this.
            await reader.read()
        else:
            more = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
            writer.write(f"HTTP/1.1 {answer.status} x\r\n{more}content-length: {len(answer.body)}\r\n\r\n".encode())
            writer.write(answer.body)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=certified)
    port = server.sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}" if certified is None else f"https://localhost:{port}"
    async with server:
        yield served


def said(**body: Any) -> Answer:  # noqa: ANN401 - any JSON
    return Answer(body=orjson.dumps(body))


@asynccontextmanager
async def couriers(
    secrets: dict[str, str],
    *,
    private: bool = True,
    public_url: str | None = None,
    seconds: float = 5.0,
    trusted: ssl.SSLContext | None = None,
) -> AsyncIterator[Couriers]:
    # Whom the world trusts takes a while to read, and no test needs it.
    trusted = trusted or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with open_posting(trusted, private=private, seconds=seconds) as posting:
        yield Couriers(posting, secrets.get, trusted, public_url=public_url, private=private)


async def send(
    delivery: Delivery,
    given: dict[str, Any],
    secrets: dict[str, str],
    *,
    known: Known | None = None,
    private: bool = True,
    seconds: float = 5.0,
    trusted: ssl.SSLContext | None = None,
    **changes: Any,  # noqa: ANN401 - any field of a channel
) -> Attempt:
    """Send once over the network."""
    parcel = Parcel(delivery=delivery, channel=make_channel(given, **changes), known=known, at=START)
    async with couriers(secrets, private=private, seconds=seconds, trusted=trusted) as courier:
        return await courier.send(parcel)


@dataclass(slots=True)
class Mailed:
    """What a mail server took, and what it is to answer to whom."""

    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    on_data: str = "250 OK"

    async def handle_RCPT(  # noqa: N802 - the name that the server calls
        self,
        _server: SMTP,
        _session: object,
        envelope: Any,  # noqa: ANN401 - untyped
        address: str,
        _options: Iterable[str],
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Any) -> str:  # noqa: ANN401, N802 - as above
        if self.on_data.startswith("250"):
            self.messages.append(envelope.content)
        return self.on_data


@asynccontextmanager
async def mailing(begins_with: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[Mailed]:  # noqa: ANN401 - options of the server
    mailed = Mailed()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailed, **options), "127.0.0.1", 0, ssl=begins_with)
    mailed.port = server.sockets[0].getsockname()[1]
    async with server:
        yield mailed


def certificate() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server called localhost shows, and a client that trusts it and nobody else."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(_LOCALHOST)
    return server, ssl.create_default_context(cafile=str(_LOCALHOST))
