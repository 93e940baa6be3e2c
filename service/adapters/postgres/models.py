"""A pool -> trained models, kept by their digests."""

from collections.abc import Sequence

import asyncpg
import orjson

from service.adapters.postgres.audit import append
from service.adapters.postgres.documents import write_json
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.session import lent, within
from service.core.pipeline.audited import of_model
from service.core.records.doer import SERVICE, Doer
from service.ports import StoredModel

# Keep a model; one that is there already stays as it is.
_STORE = """
INSERT INTO model (digest, name, body, report, stored_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (digest) DO NOTHING RETURNING digest
"""

# List the models.
_MODELS = """
SELECT digest, name, octet_length(body) AS size, report, stored_at FROM model
ORDER BY stored_at DESC, digest DESC
"""

# Read what is known of a model.
_MODEL = "SELECT digest, name, octet_length(body) AS size, report, stored_at FROM model WHERE digest = $1"

# Read the bytes of a model.
_BODY = "SELECT body FROM model WHERE digest = $1"


class PostgresModels:
    """Implements Models."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def store(self, model: StoredModel, body: bytes, doer: Doer = SERVICE) -> bool:
        report = write_json(dict(model.report))
        async with within(self._pool) as session:
            new = bool(await session.fetch(_STORE, model.digest, model.name, body, report, model.stored_at))
            if new:
                await append(session, [of_model(doer, model.digest, model.name, model.size, model.stored_at)])
        return new

    async def models(self) -> Sequence[StoredModel]:
        async with lent(self._pool) as session:
            return [_stored(row) for row in await session.fetch(_MODELS)]

    async def model(self, digest: str) -> StoredModel | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_MODEL, digest)
        return _stored(rows[0]) if rows else None

    async def body(self, digest: str) -> bytes | None:
        async with lent(self._pool) as session:
            rows = await session.fetch(_BODY, digest)
        return rows[0]["body"] if rows else None


def _stored(row: asyncpg.Record) -> StoredModel:
    return StoredModel(
        digest=row["digest"],
        name=row["name"],
        size=row["size"],
        report=orjson.loads(row["report"]),
        stored_at=row["stored_at"],
    )
