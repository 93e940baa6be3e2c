"""What a transaction decided -> rows: everything that touches one key is written once, in key order.

Outbox and deliveries come last but for the audit: their ids are drawn while every lock of the transaction is held.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from zlib import crc32

from service.adapters.postgres import writes
from service.adapters.postgres.acts import keep_acts
from service.adapters.postgres.audit import append
from service.adapters.postgres.corrections import save_corrections
from service.adapters.postgres.deliveries import save_deliveries
from service.adapters.postgres.documents import (
    ALERTS,
    CELLS,
    CONTRIBUTIONS,
    INSTANCES,
    NOTICES,
    TEMPOS,
    write_books,
    write_json,
)
from service.adapters.postgres.erasing import save_erasures, vacate
from service.adapters.postgres.muting import save_muting
from service.adapters.postgres.packed import pack
from service.adapters.postgres.persons import save_identities
from service.adapters.postgres.session import Session
from service.core.outreach import due
from service.core.recontact import is_contact
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.decisions import Contribution, PartKey, Subject
from service.core.records.facts import Facts, FeedbackRow, ReviewRow, measure_of
from service.core.records.words import FeedbackKind, Flag, Severity
from service.ports import DeadLetter, Outgoing, Saving

_Name = tuple[str, str]


async def save(session: Session, saving: Saving, shards: int, fresh: Mapping[_Name, Subject | None]) -> None:
    """Write all of it, in the order in which every writer locks.

    Of `fresh` subjects there are no rows but the subject's own, as it was written when it was locked.
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
    await _save_ticks(session, saving)
    await _save_batch(session, saving)
    await session.execute_each(writes.OUTBOX, [_outbox_row(one, shards) for one in saving.outgoing])
    await save_deliveries(session, facts.deliveries)
    await append(session, saving.audit)


def shard_of(owner: str, shards: int) -> int:
    """Return the relay's shard of an alert id; what no alert owns goes to shard 0."""
    return crc32(owner.encode()) % shards if owner else 0


def subject_row(name: _Name, one: Subject | None) -> tuple[object, ...]:
    """Return a row of a subject, of which nothing is known where there is none."""
    if one is None:
        return (*name, None, None, None, None, None)
    return (*name, one.revision, one.occurred_at, one.event_id, one.began_at, one.withdrawn)


async def _save_subjects(session: Session, facts: Facts, fresh: Mapping[_Name, Subject | None]) -> None:
    written = facts.subjects.written
    changed: dict[_Name, Subject | None] = {name: one for name, one in written.items() if fresh.get(name) != one}
    changed |= {name: None for name, one in fresh.items() if one is not None and name not in written}
    await session.write(writes.SUBJECTS, (subject_row(name, changed[name]) for name in sorted(changed)))


async def _save_contributions(session: Session, facts: Facts, fresh: Collection[_Name]) -> None:
    gone = sorted(facts.contributions.removed)
    await session.write(writes.DELETE_CONTRIBUTIONS, ((key.source, key.subject, key.part) for key in gone))
    order = sorted(facts.contributions.written.values(), key=lambda one: _order(one.key))
    new, known = _parted(map(_contribution_row, order), fresh)
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
    waits = sorted((name, *_order(part), until) for (name, part), until in facts.registry.waits.written.items())
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
    order = sorted(facts.members.written.values(), key=lambda one: (*_order(one.key), one.alert_id))
    new, known = _parted(map(_member_row, order), fresh)
    await session.append("member", writes.MEMBER_COLUMNS, new)
    await session.write(writes.MEMBERS, known)


async def _save_alerts(session: Session, facts: Facts) -> None:
    gates = sorted(facts.gates.written.items())
    await session.write(writes.GATES, ((key, one.alert_id, one.episodes, one.forward) for key, one in gates))
    alerts = sorted(facts.alerts.written.values(), key=lambda one: (one.resolved_at is None, one.alert_id))
    await session.write(writes.ALERTS, (_alert_row(one) for one in alerts))
    cells = sorted(facts.cells.written.items())
    await session.write(writes.CELLS, ((*cell, CELLS.write(state)) for cell, state in cells))
    if facts.tempo is not None:
        await session.execute(writes.TEMPO, TEMPOS.write(facts.tempo))


async def _save_log(session: Session, saving: Saving) -> None:
    facts, digest = saving.facts, saving.digest
    rows = [_feedback_row(row, digest) for _, row in sorted(facts.rows.items())]
    await session.append("feedback", writes.FEEDBACK_COLUMNS, rows)
    await session.write(writes.PATCHES, (_patch_row(row, digest) for _, row in sorted(facts.patches.items())))
    await session.write(writes.NOTICES, (_notice_row(notice) for notice in facts.notices), digest)
    await session.write(
        writes.DIGESTS,
        (
            (one.digest_id, one.team, one.reason.value, one.at, one.record.model_dump_json())
            for one in sorted(facts.digests, key=lambda each: each.digest_id)
        ),
    )
    await session.write(writes.REVIEWS, (_review_row(row) for row in facts.reviews), digest)


async def _save_ticks(session: Session, saving: Saving) -> None:
    if saving.ticks:
        order = sorted(saving.ticks)
        kinds, ends = [one.kind.value for one in order], [one.ends_at for one in order]
        await session.execute(writes.TICKS, kinds, ends, [saving.ticks[one] for one in order])
    if saving.ran_tick is not None:
        await session.execute(writes.RAN_TICK, saving.ran_tick.kind.value, saving.ran_tick.ends_at, saving.now)


async def _save_batch(session: Session, saving: Saving) -> None:
    await session.write(writes.DEAD_LETTERS, (_letter_row(letter) for letter in saving.dead_letters))
    for one in saving.consumed:
        key = one.key
        await session.execute(
            writes.BATCH,
            *(key.cluster, key.group, key.topic, key.partition, one.first_offset, one.next_offset),
            *(saving.now, saving.digest, write_books(one.books)),
        )


def _order(key: PartKey) -> tuple[str, str, str]:
    """Give a key as a tuple, which sorts ten times as fast."""
    return (key.source, key.subject, key.part)


def _parted(
    rows: Iterable[tuple[Any, ...]], fresh: Collection[_Name]
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Part rows that begin with a source and a subject into those of fresh subjects and the others."""
    new: list[tuple[Any, ...]] = []
    known: list[tuple[Any, ...]] = []
    for row in rows:
        (new if row[:2] in fresh else known).append(row)
    return new, known


def _contribution_row(one: Contribution) -> tuple[object, ...]:
    key, feedback, assessed = one.key, one.feedback, one.assessed
    # fmt: off
    return (
        key.source, key.subject, key.part,
        feedback.customer, one.began_at, one.process, one.categorised.category, feedback.region, assessed.negative,
        assessed.severity is Severity.CRITICAL, feedback.kind is FeedbackKind.SURVEY, assessed.points,
        assessed.negative and not one.is_done, one.done_at, one.reopened, is_contact(one),
        feedback.kind is FeedbackKind.EMPLOYEE, Flag.FRONTLINE_TAG in feedback.flags, one.link.instance_id,
        CONTRIBUTIONS.write(one),
    )
    # fmt: on


def _member_row(one: Member) -> tuple[object, ...]:
    return (
        *(*_order(one.key), one.alert_id, one.alert_key, one.copy, one.event_id, one.customer),
        *(one.instance_id, one.severity.value, one.score, one.done, one.team),
    )


def _alert_row(alert: Alert) -> tuple[object, ...]:
    return (
        *(alert.alert_id, alert.alert_key, alert.episode, alert.kind.value),
        alert.level.value if alert.level is not None else None,
        *(alert.state.value, alert.team, alert.route, alert.severity.value, alert.process, alert.category),
        *(alert.region, alert.severity.rank),
        *(alert.events, alert.customers, alert.revision, alert.opened_at, alert.first_seen, alert.last_seen),
        *(alert.resolved_at, alert.due_at, alert.acked_until, alert.acted_at, alert.on_agenda),
        *(alert.held_by, None if alert.disposed is None else alert.disposed.disposition.value),
        *(alert.handled_at is not None, due(alert) is not None, ALERTS.write(alert)),
    )


def _feedback_row(row: FeedbackRow, digest: str) -> tuple[object, ...]:
    document = row.document
    return (
        *(row.source, row.event_id, row.received_at, datetime.fromisoformat(document["occurred_at"])),
        *(document["revision"], row.version, document["subject"], digest),
        *(write_json(document), write_json(row.explanation)),
    )


def _patch_row(row: FeedbackRow, digest: str) -> tuple[object, ...]:
    written = (write_json(row.document), write_json(row.explanation))
    return (row.source, row.event_id, row.received_at, row.version, digest, *written)


def _notice_row(notice: Notice) -> tuple[object, ...]:
    alert = notice.alert
    return (
        *(alert.alert_id, notice.revision, notice.at, notice.team, notice.reason.value, alert.severity.value),
        NOTICES.write(notice),
    )


def _review_row(row: ReviewRow) -> tuple[object, ...]:
    cell = row.document["cell"]
    region = cell["region"] or ""
    return (
        *(row.ends_at, cell["process"], cell["category"], region, measure_of(row.document).value),
        *(row.alert_id, write_json(row.document)),
    )


def _letter_row(letter: DeadLetter) -> tuple[object, ...]:
    rejected = letter.rejected
    return (
        *(letter.topic, letter.partition, letter.offset, letter.item),
        *(rejected.stage.value, rejected.reason, rejected.detail),
        *(letter.sha256, letter.length, letter.key, letter.payload, letter.at, write_json(letter.named)),
    )


def _outbox_row(one: Outgoing, shards: int) -> tuple[object, ...]:
    keys, values = zip(*one.values, strict=True) if one.values else ((), ())
    size = sum(map(len, values))
    return (shard_of(one.owner, shards), one.owner, one.topic, keys, pack(values), size, one.received_at)
