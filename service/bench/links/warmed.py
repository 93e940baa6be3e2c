"""A filled database -> the same, with what the last thirty days told in memory, as its events would have left it."""

import asyncpg

from service.bench.links import registry as made
from service.bench.links.registry import PROCESS_NAMES, Registry
from service.core.link.keys import registered_under
from service.core.records.feedback import Instance

_DAYS = 30
_INSTANCES = "SELECT count(length(doc::text)) FROM process_instance WHERE instance_id >= $1"
_CUSTOMERS = "SELECT count(*) FROM process_instance WHERE customer >= '' AND over_at >= '-infinity'"
_KEYS = "SELECT count(*) FROM instance_key WHERE key BETWEEN $1 AND $2"


async def warm(dsn: str, registry: Registry) -> None:
    """Read the instances and keys of these days, and the index of customers, by way of their indexes."""
    first, last = registry.began_within(_DAYS), registry.size - 1
    connection = await asyncpg.connect(dsn, server_settings={"enable_seqscan": "off"})
    try:
        await connection.execute("SET enable_bitmapscan = off")
        await connection.fetch(_INSTANCES, made.instance_id(first))
        await connection.fetch(_CUSTOMERS)
        for process in PROCESS_NAMES:
            for low, high in zip(_keys(registry, process, first), _keys(registry, process, last), strict=True):
                await connection.fetch(_KEYS, low, high)
    finally:
        await connection.close()


def _keys(registry: Registry, process: str, number: int) -> tuple[str, ...]:
    named = made.keys(number)
    instance = Instance(
        instance_id=made.instance_id(number),
        process=process,
        keys=tuple(named.values()),
        references=(named["ticket"], named["business_key"].replace("-", "")),
        updated_at=registry.until,
    )
    return registered_under(instance)
