"""Nothing -> the tables, as SQLAlchemy Core sees them; the migrations build the same, and a test compares the two."""

from service.adapters.postgres.schema import (
    access,
    attention,
    audit,
    corrections,
    decisions,
    deliveries,
    engine,
    erasing,
    handling,
    identities,
    volume,
)
from service.adapters.postgres.schema.columns import metadata

__all__ = [
    "access",
    "attention",
    "audit",
    "corrections",
    "decisions",
    "deliveries",
    "engine",
    "erasing",
    "handling",
    "identities",
    "metadata",
    "volume",
]
