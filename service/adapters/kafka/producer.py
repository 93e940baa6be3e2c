"""Records of the intake and of `publish` -> Kafka; one counts as sent once all replicas in sync have it."""

from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import MessageSizeTooLargeError, RecordListTooLargeError

from service.adapters.kafka.clients import start, stop
from service.adapters.kafka.connection import Connection, reaching
from service.ports import TooLargeError

Headers = Sequence[tuple[str, bytes]]

_STOP_SECONDS = 5.0
_TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


class Producer:
    """Sends without transactions. `idempotent` keeps a retry from doubling a record; the embedded broker lacks it."""

    def __init__(self, connection: Connection, *, idempotent: bool, linger_ms: int = 5) -> None:
        self._connection = connection
        self._idempotent = idempotent
        self._linger_ms = linger_ms
        self._client: AIOKafkaProducer | None = None

    async def start(self) -> None:
        """Raises OutOfReachError where no broker answers or idempotence is refused."""
        client = AIOKafkaProducer(
            acks="all",
            enable_idempotence=self._idempotent,
            linger_ms=self._linger_ms,
            compression_type="zstd",
            **self._connection.options(),
        )
        await start(client, "producer")
        self._client = client

    async def send(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> None:
        """Return once Kafka has the record.

        Raises:
            OutOfReachError: it may or may not have it; sending again is safe, since an event's id decides duplicates.
            TooLargeError: it is larger than the client sends, or than the brokers take.
        """
        client = self._client
        if client is None:
            raise RuntimeError("the producer was not started")
        with reaching("send"):
            try:
                await client.send_and_wait(topic, value, key, headers=list(headers))
            except _TOO_LARGE as refused:
                raise TooLargeError(type(refused).__name__) from None

    async def stop(self) -> None:
        """Wait for what is under way, at most 5 s."""
        client, self._client = self._client, None
        if client is not None:
            await stop(client, _STOP_SECONDS)
