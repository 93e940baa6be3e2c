"""PostgreSQL behind the ports: the store, its archive, the relay's outbox, the shelf of playbooks, and the schema."""

from service.adapters.postgres.archive import PostgresArchive
from service.adapters.postgres.outbox import PostgresOutbox
from service.adapters.postgres.pool import Limits, open_pool
from service.adapters.postgres.shelf import PostgresShelf
from service.adapters.postgres.store import PostgresStore

__all__ = ["Limits", "PostgresArchive", "PostgresOutbox", "PostgresShelf", "PostgresStore", "open_pool"]
