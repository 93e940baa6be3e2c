"""aiokafka's producers and consumers -> started and stopped in bounded time, with no connection left behind."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from service.adapters.kafka.connection import reaching

_LAST_SECONDS = 1.0


async def start(client: AIOKafkaProducer | AIOKafkaConsumer, what: str, seconds: float = 30.0) -> None:
    """Start a client, or leave it stopped.

    Raises:
        OutOfReachError: it did not start in time; where a broker knows no producer ids, aiokafka would ask for ever.
    """
    starting = asyncio.ensure_future(client.start())
    try:
        with reaching(what):
            async with asyncio.timeout(seconds):
                await asyncio.shield(starting)
    except BaseException:
        # A client that is cut off while it connects forgets the connection: it may finish, but not for long.
        await asyncio.wait({starting}, timeout=_LAST_SECONDS)
        starting.cancel()
        await stop(client, _LAST_SECONDS)
        raise


async def stop(client: AIOKafkaProducer | AIOKafkaConsumer, seconds: float) -> None:
    """Stop a client; a producer whose broker is gone would wait for every batch to expire."""
    try:
        async with asyncio.timeout(seconds):
            await client.stop()
    except TimeoutError:
        if isinstance(client, AIOKafkaProducer):
            await client._sender.close()  # noqa: SLF001 (the public stop has just hung in waiting for it)
            await client.client.close()
