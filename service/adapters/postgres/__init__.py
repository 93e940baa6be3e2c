"""PostgreSQL behind the ports: who may come in, archive, audit, desk, gauges, lookout, models, outbox, shelf, store."""

from service.adapters.postgres.access import PostgresKeys, PostgresSessions
from service.adapters.postgres.archive import PostgresArchive
from service.adapters.postgres.audit import PostgresAudit
from service.adapters.postgres.deliveries import PostgresDeliveries
from service.adapters.postgres.desk import PostgresDesk
from service.adapters.postgres.gauges import PostgresGauges
from service.adapters.postgres.lookout import PostgresLookout
from service.adapters.postgres.models import PostgresModels
from service.adapters.postgres.outbox import PostgresOutbox
from service.adapters.postgres.pool import Limits, open_pool
from service.adapters.postgres.recorded import PostgresRecorded
from service.adapters.postgres.shelf import PostgresShelf
from service.adapters.postgres.store import PostgresStore
from service.adapters.postgres.tracks import PostgresTracks, tracks_at_once

__all__ = [
    "Limits",
    "PostgresArchive",
    "PostgresAudit",
    "PostgresDeliveries",
    "PostgresDesk",
    "PostgresGauges",
    "PostgresKeys",
    "PostgresLookout",
    "PostgresModels",
    "PostgresOutbox",
    "PostgresRecorded",
    "PostgresSessions",
    "PostgresShelf",
    "PostgresStore",
    "PostgresTracks",
    "open_pool",
    "tracks_at_once",
]
