"""Every point at which a process may die between two steps, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import service.adapters.kafka.publisher
import service.runtime.batch
import service.runtime.due
from service.adapters.kafka.publisher import TransactionalPublisher
from service.adapters.postgres.outbox import PostgresOutbox
from service.adapters.postgres.session import Session
from service.adapters.postgres.store import PostgresStore
from service.adapters.postgres.transaction import PostgresTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Boundary:
    """Death comes right after `call` of `owner` has returned, in a process of that role."""

    role: str
    owner: Any
    call: str
    passes: int = 3


BOUNDARIES: Mapping[str, Boundary] = MappingProxyType(
    {
        # The claim, then the seven steps of a batch in their order.
        "claimed": Boundary(role="worker", owner=PostgresStore, call="claim", passes=1),
        "lease_moved": Boundary(role="worker", owner=PostgresTransaction, call="advance"),
        "identities_claimed": Boundary(role="worker", owner=PostgresTransaction, call="admit"),
        "rows_loaded": Boundary(role="worker", owner=PostgresTransaction, call="load"),
        "judged": Boundary(role="worker", owner=service.runtime.batch, call="judge"),
        "gates_locked": Boundary(role="worker", owner=PostgresTransaction, call="load_alerts"),
        "settled": Boundary(role="worker", owner=service.runtime.batch, call="settle"),
        "saved": Boundary(role="worker", owner=PostgresTransaction, call="save"),
        "committed": Boundary(role="worker", owner=Session, call="commit"),
        # Due timers and ticks, which the worker runs under the stream clock.
        "tick_claimed": Boundary(role="worker", owner=PostgresTransaction, call="claim_tick", passes=2),
        "timer_fired": Boundary(role="worker", owner=service.runtime.due, call="fire_round"),
        # The relay.
        "shard_claimed": Boundary(role="relay", owner=PostgresOutbox, call="claim_shard", passes=1),
        "publisher_opened": Boundary(role="relay", owner=TransactionalPublisher, call="open", passes=1),
        "numbered": Boundary(role="relay", owner=PostgresOutbox, call="number"),
        "sent": Boundary(role="relay", owner=service.adapters.kafka.publisher, call="send_all", passes=2),
        "published": Boundary(role="relay", owner=TransactionalPublisher, call="publish", passes=2),
        # What was published is forgotten as the next rows are numbered.
        "forgotten": Boundary(role="relay", owner=PostgresOutbox, call="number", passes=5),
    }
)
