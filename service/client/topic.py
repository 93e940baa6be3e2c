"""A team's queue over Kafka: each notice and digest of its topic once, in the order in which an alert's were told."""

from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import CommitFailedError, KafkaError

from service.client.answers import OutOfReachError, Told
from service.client.seen import Seen, SeenHere

_TOLD = frozenset({"feedback.notice.v1", "feedback.digest.v1"})


class KafkaQueue:
    """Reads `queue.<team>` as a member of a consumer group, which the team's readers share.

    Options are those of aiokafka's consumer, as for security. What was handled is committed when the next is asked for.
    """

    def __init__(
        self,
        bootstrap_servers: str,
        team: str,
        *,
        group: str,
        seen: Seen | None = None,
        **options: Any,  # noqa: ANN401 - what aiokafka takes
    ) -> None:
        self._seen = seen or SeenHere()
        self._consumer = AIOKafkaConsumer(
            f"queue.{team}",
            **{"auto_offset_reset": "earliest", **options},
            bootstrap_servers=bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            # Others are notices of transactions that came to nothing.
            isolation_level="read_committed",
        )

    async def __aenter__(self) -> Self:
        try:
            await self._consumer.start()
        except KafkaError as failed:
            await self._consumer.stop()
            raise OutOfReachError(f"Kafka: {type(failed).__name__}") from failed
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._consumer.stop()

    async def news(self) -> AsyncGenerator[Told]:
        """Give what the team is told and has not been given, for ever; records of other types are passed over.

        Raises:
            OutOfReachError: Kafka can not be reached.
        """
        while True:
            try:
                record = await self._consumer.getone()
            except KafkaError as failed:
                raise OutOfReachError(f"Kafka: {type(failed).__name__}") from failed
            if record.value is not None:
                told = Told.model_validate_json(record.value)
                if told.type in _TOLD and self._seen.is_news(*told.place):
                    yield told
                    self._seen.keep(*told.place)
            try:
                await self._consumer.commit()
            except CommitFailedError:
                # Another member of the group has the partition by now, and is given this record too.
                continue
            except KafkaError as failed:
                raise OutOfReachError(f"Kafka: {type(failed).__name__}") from failed
