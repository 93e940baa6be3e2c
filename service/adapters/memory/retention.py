"""A class of rows in memory and an instant -> what is older is gone, the oldest first."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from msgspec.structs import replace

from service.adapters.memory.rows import Rows, drop_contributions
from service.core.erase import without_quotes
from service.core.records.words import AlertState, Kept

T = TypeVar("T")


def remove(rows: Rows, what: Kept, before: datetime, limit: int) -> int:
    """Remove so much of it at most, and return how much; ids of events and stored answers are not aged here."""
    found: dict[Kept, Callable[[Rows, datetime, int], int]] = {
        Kept.FEEDBACK: _feedback,
        Kept.ALERTS: _alerts,
        Kept.ALERT_TEXT: _alert_text,
        Kept.NOTICE_TEXT: _notice_text,
        Kept.DIGEST_TEXT: _digest_text,
        Kept.ACT_TEXT: _act_text,
        Kept.ACTS: _acts,
        Kept.LOG: _log,
        Kept.NOTICES: _notices,
        Kept.DIGESTS: _digests,
        Kept.DELIVERIES: _deliveries,
        Kept.REVIEWS: _reviews,
        Kept.CORRECTIONS: _corrections,
        Kept.DEAD_LETTERS: _dead_letters,
        Kept.ERASURES: _erasures,
        Kept.AUDIT: _audit,
    }
    return found[what](rows, before, limit) if what in found else 0


def _feedback(rows: Rows, before: datetime, limit: int) -> int:
    busy = {(part.source, part.subject) for part, alert_id in rows.members if _is_open(rows, alert_id)}
    busy |= {(part.source, part.subject) for part, one in rows.contributions.items() if one.began_at >= before}
    old = sorted(
        (one.began_at, part) for part, one in rows.contributions.items() if (part.source, part.subject) not in busy
    )
    gone = [part for _, part in old[:limit]]
    for part in gone:
        rows.former.setdefault(rows.contributions[part].feedback.customer, set()).add((part.source, part.subject))
    drop_contributions(rows, gone)
    for home in [one for one in rows.members if one[0] in set(gone)]:
        rows.members.pop(home)
        rows.members_of[home[0].source, home[0].subject].discard(home)
    left = {(part.source, part.subject) for part in rows.contributions}
    for name in {(part.source, part.subject) for part in gone} - left:
        rows.subjects.pop(name, None)
    return len(gone)


def _is_open(rows: Rows, alert_id: str) -> bool:
    return rows.alerts[alert_id].state is AlertState.OPEN


def _alerts(rows: Rows, before: datetime, limit: int) -> int:
    ended = sorted(
        (one.resolved_at, name)
        for name, one in rows.alerts.items()
        if one.state is AlertState.RESOLVED and one.resolved_at is not None and one.resolved_at < before
    )
    gone = {name for _, name in ended[:limit]}
    rows.alerts = {name: one for name, one in rows.alerts.items() if name not in gone}
    rows.due = [one for one in rows.due if one[1] not in gone]
    for key, gate in rows.gates.items():
        if gate.alert_id in gone:
            rows.gates[key] = replace(gate, alert_id=None)
    for home in [one for one in rows.members if one[1] in gone]:
        rows.members.pop(home)
        rows.members_of[home[0].source, home[0].subject].discard(home)
    return len(gone)


def _alert_text(rows: Rows, before: datetime, limit: int) -> int:
    old = [
        (one.resolved_at, name)
        for name, one in rows.alerts.items()
        if one.state is AlertState.RESOLVED
        and one.resolved_at is not None
        and one.resolved_at < before
        and one.excerpts
    ]
    for _, name in sorted(old)[:limit]:
        rows.alerts[name] = replace(rows.alerts[name], excerpts=())
    return len(old[:limit])


def _notice_text(rows: Rows, before: datetime, limit: int) -> int:
    old = [at for at, one in enumerate(rows.notices) if one.at < before and one.alert.excerpts][:limit]
    for at in old:
        rows.notices[at] = replace(rows.notices[at], alert=replace(rows.notices[at].alert, excerpts=()))
    return len(old)


def _digest_text(rows: Rows, before: datetime, limit: int) -> int:
    old = [at for at, one in enumerate(rows.digests) if one.at < before and without_quotes(one.record) != one.record]
    for at in old[:limit]:
        rows.digests[at] = replace(rows.digests[at], record=without_quotes(rows.digests[at].record))
    return len(old[:limit])


def _act_text(rows: Rows, before: datetime, limit: int) -> int:
    old = [place for place, one in enumerate(rows.acts) if one.at < before and one.text is not None][:limit]
    for place in old:
        rows.acts[place] = replace(rows.acts[place], text=None)
    return len(old)


def _acts(rows: Rows, before: datetime, limit: int) -> int:
    rows.acts, gone = _left(rows.acts, [one.at for one in rows.acts], before, limit)
    return gone


def _log(rows: Rows, before: datetime, limit: int) -> int:
    old = sorted((row.received_at, name) for name, row in rows.rows.items() if row.received_at < before)
    for _, name in old[:limit]:
        del rows.rows[name]
    return len(old[:limit])


def _notices(rows: Rows, before: datetime, limit: int) -> int:
    room = rows.mailroom
    for name in sorted(name for name, at in room.told_at.items() if at < before)[:limit]:
        del room.known[name], room.told_at[name]
    rows.notices, gone = _left(rows.notices, [one.at for one in rows.notices], before, limit)
    return gone


def _digests(rows: Rows, before: datetime, limit: int) -> int:
    rows.digests, gone = _left(rows.digests, [one.at for one in rows.digests], before, limit)
    return gone


def _deliveries(rows: Rows, before: datetime, limit: int) -> int:
    old = [(one.ended_at, at) for at, one in rows.mailroom.deliveries.items() if one.ended_at and one.ended_at < before]
    for _, at in sorted(old)[:limit]:
        rows.mailroom.forget(at)
    return len(old[:limit])


def _reviews(rows: Rows, before: datetime, limit: int) -> int:
    rows.reviews, gone = _left(rows.reviews, [one.ends_at for one in rows.reviews], before, limit)
    return gone


def _corrections(rows: Rows, before: datetime, limit: int) -> int:
    old = sorted((one.at, name) for name, one in rows.corrections.items() if one.at < before)[:limit]
    for _, name in old:
        del rows.corrections[name]
    return len(old)


def _dead_letters(rows: Rows, before: datetime, limit: int) -> int:
    rows.dead_letters, gone = _left(rows.dead_letters, [one.at for one in rows.dead_letters], before, limit)
    return gone


def _erasures(rows: Rows, before: datetime, limit: int) -> int:
    old = [name for name, one in rows.erasures.items() if one.done_at is not None and one.done_at < before][:limit]
    for name in old:
        del rows.erasures[name]
    return len(old)


def _audit(rows: Rows, before: datetime, limit: int) -> int:
    return rows.audit.cut(before, limit, datetime.now(UTC))


def _left(found: Sequence[T], times: Iterable[datetime], before: datetime, limit: int) -> tuple[list[T], int]:
    old = sorted((at, place) for place, at in enumerate(times) if at < before)[:limit]
    gone = {place for _, place in old}
    return [one for place, one in enumerate(found) if place not in gone], len(gone)
