"""What a transaction decided -> rows: everything that touches one key is written once, in key order.

Outbox and deliveries come last but for the audit: their ids are drawn while every lock of the transaction is held.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from service.adapters.postgres import writes
from service.adapters.postgres.acts import keep_acts
from service.adapters.postgres.audit import append
from service.adapters.postgres.corrections import save_corrections
from service.adapters.postgres.deliveries import save_deliveries
from service.adapters.postgres.documents import (
    CELLS,
    INSTANCES,
    TEMPOS,
    write_json,
)
from service.adapters.postgres.erasing import save_erasures, vacate
from service.adapters.postgres.muting import save_muting
from service.adapters.postgres.packed import pack
from service.adapters.postgres.persons import save_identities
from service.adapters.postgres.session import Session
from service.adapters.postgres.writing import (
    alert_row,
    batch_row,
    contribution_row,
    feedback_row,
    in_order,
    letter_row,
    member_row,
    notice_row,
    patch_row,
    review_row,
    subject_row,
)
from service.core.pipeline.cadence import Tick
from service.core.records.decisions import Subject
from service.core.records.facts import Facts
from service.ports import Outgoing, Saving

_Name = tuple[str, str]


async def save(
    session: Session, saving: Saving, shards: int, fresh: Mapping[_Name, Subject | None], planned: Collection[Tick]
) -> None:
    """Write all of it, in the order in which every writer locks.

    Of `fresh` subjects there are no rows but the subject's own, as it was written when it was locked. Ticks that are
    `planned` have been committed.
    """
    facts = saving.facts
    await save_identities(session, facts)
    await save_erasures(session, facts)
    await _save_subjects(session, facts, fresh)
    await save_corrections(session, facts)
    await _save_registry(session, facts)
    await _save_contributions(session, facts, fresh)
    await vacate(session, facts)
    await _save_downtimes(session, facts)
    await _save_steps(session, facts)
    await _save_members(session, facts, fresh)
    await _save_alerts(session, facts)
    await save_muting(session, saving)
    await keep_acts(session, facts.acts)
    await _save_log(session, saving)
    await _save_ticks(session, saving, planned)
    await session.write(writes.DEAD_LETTERS, map(letter_row, saving.dead_letters))
    await _append(session, saving, shards)
    await save_deliveries(session, facts.deliveries)
    await append(session, saving.audit)


def shard_of(owner: str, shards: int) -> int:
    """Return the relay's shard of an alert id; what no alert owns goes to shard 0."""
    return crc32(owner.encode()) % shards if owner else 0


async def _save_subjects(session: Session, facts: Facts, fresh: Mapping[_Name, Subject | None]) -> None:
    written = facts.subjects.written
    changed: dict[_Name, Subject | None] = {name: one for name, one in written.items() if fresh.get(name) != one}
    changed |= {name: None for name, one in fresh.items() if one is not None and name not in written}
    await session.write(writes.SUBJECTS, (subject_row(name, changed[name]) for name in sorted(changed)))


async def _save_contributions(session: Session, facts: Facts, fresh: Collection[_Name]) -> None:
    gone = sorted(facts.contributions.removed)
    await session.write(writes.DELETE_CONTRIBUTIONS, ((key.source, key.subject, key.part) for key in gone))
    order = sorted(facts.contributions.written.values(), key=lambda one: in_order(one.key))
    new, known = _parted(map(contribution_row, order), fresh)
    await session.append("contribution", writes.CONTRIBUTION_COLUMNS, new)
    await session.write(writes.CONTRIBUTIONS, known)


async def _save_registry(session: Session, facts: Facts) -> None:
    instances = sorted(facts.instances.written.items())
    await session.write(
        writes.INSTANCES,
        (
            (
                *(name, one.process, one.customer, one.updated_at, one.region),
                *(one.completed_at, one.late_at, one.started_at, one.over_at, INSTANCES.write(one)),
            )
            for name, one in instances
        ),
    )
    held = sorted(facts.registry.holders.written.items())
    await session.write(writes.INSTANCE_KEYS, ((key, name) for key, names in held for name in sorted(names)))
    merges = sorted(facts.registry.merges.written.items())
    await session.write(writes.MERGES, ((name, one.into, one.at, one.event_id) for name, one in merges))
    waits = sorted((name, *in_order(part), until) for (name, part), until in facts.registry.waits.written.items())
    await session.append("link_wait", writes.WAIT_COLUMNS, waits)


async def _save_downtimes(session: Session, facts: Facts) -> None:
    await session.write(
        writes.DOWNTIMES,
        (
            (
                *(one.source, one.downtime_id, one.process, one.region, one.started_at, one.ended_at),
                *(one.planned, one.occurred_at, one.event_id),
            )
            for _, one in sorted(facts.downtimes.written.items())
        ),
    )


async def _save_steps(session: Session, facts: Facts) -> None:
    await session.write(
        writes.STEPS,
        (
            (
                *(*name, one.process, one.event_id, one.at, one.told_at, one.activity, one.lifecycle.value),
                *(one.team, one.withdrawn, write_json(dict(one.attributes))),
            )
            for name, one in sorted(facts.steps.written.items())
        ),
    )


async def _save_members(session: Session, facts: Facts, fresh: Collection[_Name]) -> None:
    gone = sorted(facts.members.removed)
    await session.write(
        writes.DELETE_MEMBERS, ((key.source, key.subject, key.part, alert_id) for key, alert_id in gone)
    )
    order = sorted(facts.members.written.values(), key=lambda one: (*in_order(one.key), one.alert_id))
    new, known = _parted(map(member_row, order), fresh)
    await session.append("member", writes.MEMBER_COLUMNS, new)
    await session.write(writes.MEMBERS, known)


async def _save_alerts(session: Session, facts: Facts) -> None:
    gates = [(key, one.alert_id, one.episodes, one.forward) for key, one in sorted(facts.gates.written.items())]
    alerts = sorted(facts.alerts.written.values(), key=lambda one: (one.resolved_at is None, one.alert_id))
    rows = [alert_row(one) for one in alerts]
    await session.write_all(writes.GATES_AND_ALERTS, (rows, 29, ()), (gates, 4, ()))
    cells = sorted(facts.cells.written.items())
    await session.write(writes.CELLS, ((*cell, CELLS.write(state)) for cell, state in cells))
    if facts.tempo is not None:
        await session.execute(writes.TEMPO, TEMPOS.write(facts.tempo))


async def _save_log(session: Session, saving: Saving) -> None:
    facts, digest = saving.facts, saving.digest
    rows = [feedback_row(row, digest) for _, row in sorted(facts.rows.items())]
    await session.append("feedback", writes.FEEDBACK_COLUMNS, rows)
    await session.write(writes.PATCHES, (patch_row(row, digest) for _, row in sorted(facts.patches.items())))
    await session.write(
        writes.DIGESTS,
        (
            (one.digest_id, one.team, one.reason.value, one.at, one.record.model_dump_json())
            for one in sorted(facts.digests, key=lambda each: each.digest_id)
        ),
    )
    await session.write(writes.REVIEWS, (review_row(row) for row in facts.reviews), digest)


async def _save_ticks(session: Session, saving: Saving, planned: Collection[Tick]) -> None:
    order = sorted(saving.ticks.keys() - planned)
    if order:
        kinds, ends = [one.kind.value for one in order], [one.ends_at for one in order]
        await session.execute(writes.TICKS, kinds, ends, [saving.ticks[one] for one in order])
    if saving.ran_tick is not None:
        await session.execute(writes.RAN_TICK, saving.ran_tick.kind.value, saving.ran_tick.ends_at, saving.now)


async def _append(session: Session, saving: Saving, shards: int) -> None:
    keys = [key for one in saving.outgoing for key, _ in one.values]
    await session.write_all(
        writes.APPENDED,
        (list(_outbox_rows(saving.outgoing, shards)), 8, (keys,)),
        ([notice_row(notice) for notice in saving.facts.notices], 7, (saving.digest,)),
        ([batch_row(one) for one in saving.consumed], 7, (saving.now, saving.digest)),
    )


def _parted(
    rows: Iterable[tuple[Any, ...]], fresh: Collection[_Name]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Part rows that begin with a source and a subject into those of fresh subjects and the others."""
    new: list[tuple[Any, ...]] = []
    known: list[tuple[Any, ...]] = []
    for row in rows:
        (new if row[:2] in fresh else known).append(row)
    return new, known


def _outbox_rows(outgoing: Iterable[Outgoing], shards: int) -> Iterator[tuple[object, ...]]:
    """Yield rows that name the keys of each by where these are among the keys of all."""
    above = 0
    for one in outgoing:
        values, upto = [value for _, value in one.values], above + len(one.values)
        size = sum(map(len, values))
        yield (shard_of(one.owner, shards), one.owner, one.topic, above, upto, pack(values), size, one.received_at)
        above = upto
