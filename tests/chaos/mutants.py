"""Bugs to plant in the engine, by name: a comparison that does not find each of them proves nothing.

Each is a plausible slip: a condition left out, an order turned round, a row counted where it should have been locked.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from msgspec.structs import replace

import service.adapters.postgres.muting
import service.core.alert
import service.core.notify
import service.core.pipeline.judge
import service.core.pipeline.muting
import service.runtime.batch
import service.runtime.due
import service.runtime.telling
from service.adapters.kafka import publisher
from service.adapters.kafka.publisher import TransactionalPublisher
from service.adapters.postgres import queries
from service.adapters.postgres.outbox import PostgresOutbox
from service.adapters.postgres.transaction import PostgresTransaction
from service.core.contracts.marker import RelayMarker
from service.core.records.alerts import Alert, Member
from service.core.records.decisions import Moved
from service.core.records.facts import Facts
from service.core.records.table import Table
from service.ports import Numbered, Outgoing, Saving
from service.runtime.worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A bug, and the fault under which it has to be found."""

    plant: Callable[[], None]
    fault: str
    workers: int
    about: str


def _no_lease_check() -> None:
    checked = "AND held.epoch = moved.epoch\n  AND held.next_offset IS NOT DISTINCT FROM moved.expected"
    changed = queries.ADVANCE.replace(checked, "")
    if changed == queries.ADVANCE:
        raise AssertionError("the statement has changed")
    queries.ADVANCE = changed


def _identities_ignored() -> None:
    async def admit(_self: object, identities: Sequence[tuple[str, str]]) -> Collection[tuple[str, str]]:
        return frozenset(identities)

    PostgresTransaction.admit = admit  # type: ignore[assignment,method-assign]


def _counts_by_record() -> None:
    original = service.core.alert._count  # noqa: SLF001 (the bug goes where counts move)

    def count(facts: Facts, alert: Alert, member: Member, step: int) -> Alert:
        counted = original(facts, alert, member, step)
        return counted if step > 0 else replace(counted, events=alert.events)

    service.core.alert._count = count  # noqa: SLF001 (as above)


def _gates_unlocked() -> None:
    queries.LOCK_GATES = queries.LOCK_GATES.replace(
        "ON CONFLICT (alert_key) DO UPDATE SET alert_key = excluded.alert_key WHERE false", "ON CONFLICT DO NOTHING"
    )


def _commit_resent_blindly() -> None:
    async def settle(self: Any, work: Any) -> None:  # noqa: ANN401 (the worker's own)
        held = await self._store.lease(work.lease.key)
        if held is not None:
            work.lease = replace(held, epoch=work.lease.epoch)

    Worker._settle = settle  # type: ignore[method-assign]  # noqa: SLF001


def _marker_outside() -> None:
    """Tell the marker first, in a transaction of its own."""

    async def publish(self: Any, rows: Sequence[Numbered]) -> None:  # noqa: ANN401 (the publisher's own)
        client = self._client
        if client is None or not rows:
            return
        marker = RelayMarker(shard=self._shard, publish_seq=rows[-1].publish_seq)
        await client.begin_transaction()
        await client.send_and_wait(
            self._markers.topic,
            marker.model_dump_json().encode(),
            str(self._shard).encode(),
            partition=self._markers.partition,
        )
        await client.commit_transaction()
        await client.begin_transaction()
        # The name by which the publisher calls it: a kill waits there.
        for sent in await publisher.send_all(client, rows, self._headers_of):  # type: ignore[attr-defined]
            await sent
        await client.commit_transaction()

    TransactionalPublisher.publish = publish  # type: ignore[method-assign]


def _forgotten_first() -> None:
    """Delete what is read before it was sent."""
    original = PostgresOutbox.number

    async def number(
        self: PostgresOutbox, shard: int, epoch: int, limit: int, published: int = 0
    ) -> Sequence[Numbered]:
        rows = await original(self, shard, epoch, limit, published)
        if rows:
            await original(self, shard, epoch, limit, rows[-1].publish_seq)
        return rows

    PostgresOutbox.number = number  # type: ignore[method-assign]


def _marker_ignored() -> None:
    """Begin without looking at what an earlier publisher got through."""
    original = TransactionalPublisher.open

    async def open_blindly(self: TransactionalPublisher) -> int:
        await original(self)
        return 0

    TransactionalPublisher.open = open_blindly  # type: ignore[method-assign]


def _critical_held() -> None:
    """Hold back what is critical like anything else, once the playbook's own cases have passed, on no such store."""
    original = PostgresTransaction.load_alerts
    telling: Any = service.core.notify
    muting: Any = service.core.pipeline.muting

    def never(_alert: Alert) -> bool:
        return False

    async def load_alerts(self: PostgresTransaction, facts: Facts, keys: Iterable[str]) -> None:
        telling.critical_news = muting.critical_news = never
        await original(self, facts, keys)

    PostgresTransaction.load_alerts = load_alerts  # type: ignore[method-assign]


def _release_forgotten() -> None:
    """Let a silence or review end without asking again for what it held back."""
    Facts.ended = lambda _self: ()  # type: ignore[method-assign,assignment]


def _budget_uncounted() -> None:
    """Decide by what was spent, and never write down that more was."""
    spending: Any = service.adapters.postgres.muting
    spending._spending = lambda _facts: ()  # noqa: SLF001 (the bug goes where interrupts are counted)


def _digest_told_twice() -> None:
    original = service.runtime.telling.outgoing
    callers: Sequence[Any] = (service.runtime.batch, service.runtime.due)

    def outgoing(*facts: Any, **named: Any) -> tuple[Outgoing, ...]:  # noqa: ANN401 (as it is called)
        found = original(*facts, **named)
        return (*found, *(one for one in found if b"feedback.digest.v1" in one.values[0][1]))

    for module in callers:
        module.outgoing = outgoing


def _late_events_link_nothing() -> None:
    """Register what is heard of instances, and leave what waited for it as it is."""
    judging: Any = service.core.pipeline.judge

    def relinked(_told: object, _now: object, moved: tuple[Moved, ...], *_facts: object) -> tuple[Moved, ...]:
        return moved

    judging.relinked = relinked


def _waits_only_within_a_batch() -> None:
    """Never write down that a feedback waits."""
    original = PostgresTransaction.save

    async def save(self: PostgresTransaction, saving: Saving) -> None:
        saving.facts.registry.waits = Table()
        await original(self, saving)

    PostgresTransaction.save = save  # type: ignore[method-assign]


MUTANTS: Mapping[str, Mutant] = MappingProxyType(
    {
        "late_events_link_nothing": Mutant(
            plant=_late_events_link_nothing, fault="nothing", workers=1, about="a late process event changes no link"
        ),
        "waits_only_within_a_batch": Mutant(
            plant=_waits_only_within_a_batch,
            fault="nothing",
            workers=1,
            about="what a feedback waits for is forgotten with its batch",
        ),
        "no_lease_check": Mutant(
            plant=_no_lease_check, fault="zombies", workers=1, about="a batch does not look whose its partition is"
        ),
        "identities_ignored": Mutant(
            plant=_identities_ignored, fault="nothing", workers=1, about="an event counts each time it is read"
        ),
        "counts_by_record": Mutant(
            plant=_counts_by_record, fault="nothing", workers=1, about="a count moves with each record, not each row"
        ),
        "gates_unlocked": Mutant(
            plant=_gates_unlocked, fault="nothing", workers=3, about="alerts are read before their gate is held"
        ),
        "commit_resent_blindly": Mutant(
            plant=_commit_resent_blindly, fault="replies_cut", workers=1, about="a lost reply is taken for a failure"
        ),
        "marker_outside": Mutant(
            plant=_marker_outside, fault="relay_deaths", workers=1, about="the marker is no part of the transaction"
        ),
        "forgotten_first": Mutant(
            plant=_forgotten_first, fault="relay_deaths", workers=1, about="the outbox is emptied before Kafka has it"
        ),
        "critical_held": Mutant(
            plant=_critical_held, fault="nothing", workers=1, about="quiet hours and waits hold what is critical too"
        ),
        "release_forgotten": Mutant(
            plant=_release_forgotten,
            fault="nothing",
            workers=1,
            about="what a silence held back is not asked for again",
        ),
        "budget_uncounted": Mutant(
            plant=_budget_uncounted, fault="nothing", workers=1, about="an interrupt is not counted"
        ),
        "digest_told_twice": Mutant(
            plant=_digest_told_twice, fault="nothing", workers=1, about="a digest goes into the outbox twice"
        ),
        "marker_ignored": Mutant(
            plant=_marker_ignored, fault="relay_deaths", workers=1, about="a relay begins without reading the marker"
        ),
    }
)
