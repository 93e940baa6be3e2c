"""The rows in memory -> the pages that the API reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from service.adapters.memory.acts import MemoryActs
from service.adapters.memory.causes import MemoryCauses
from service.adapters.memory.corrections import MemoryCorrections
from service.adapters.memory.deliveries import MemoryDelivered
from service.adapters.memory.heads import MemoryHeads
from service.adapters.memory.lives import MemoryLives
from service.adapters.memory.muting import muters
from service.adapters.memory.persons import hearsay
from service.adapters.memory.silences import MemorySilences
from service.adapters.memory.store import MemoryStore
from service.core.audit import Action, AuditOutcome, ObjectKind
from service.core.contracts.digest import Digest
from service.core.noise import EndingTally, ReviewOutcome, Span, count_endings, review_outcomes
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.decisions import Contribution, PartKey
from service.core.records.erasing import Erasure
from service.core.records.facts import FeedbackRow, ReviewRow
from service.core.records.identities import Hearsay, IdentityRule
from service.core.records.muting import Muters
from service.core.records.words import AlertState, Severity
from service.core.scorecard import (
    CasesTallied,
    Cohort,
    Looped,
    LoopTallied,
    Sample,
    Tallied,
    count,
    count_cases,
    count_loop,
    heard_until,
)
from service.ports import (
    DigestPlace,
    ErasurePlace,
    Letter,
    QueuePlace,
    ReviewPlace,
    Shelved,
    Wanted,
    digest_place,
    erasure_place,
    queue_place,
    review_place,
)

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MemoryDesk(
    MemorySilences, MemoryLives, MemoryCauses, MemoryCorrections, MemoryActs, MemoryHeads, MemoryDelivered
):
    """Implements Desk over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def open_counts(self) -> Mapping[str, Mapping[Severity, int]]:
        found: dict[str, dict[Severity, int]] = {}
        for alert in self._rows.alerts.values():
            if alert.state is AlertState.OPEN:
                counts = found.setdefault(alert.team, {})
                counts[alert.severity] = counts.get(alert.severity, 0) + 1
        return found

    async def queue(self, wanted: Wanted, after: QueuePlace | None, limit: int) -> Sequence[Alert]:
        found = [alert for alert in self._rows.alerts.values() if _is_wanted(alert, wanted)]
        return _page(found, lambda alert: _order(queue_place(alert)), _order(after) if after else None, limit)

    async def alert(self, alert_id: str) -> Alert | None:
        return self._rows.alerts.get(alert_id)

    async def muters(self) -> Muters:
        return muters(self._rows)

    async def members(
        self, alert_id: str, after: PartKey | None, limit: int
    ) -> Sequence[tuple[Member, FeedbackRow | None]]:
        found = [member for member in self._rows.members.values() if member.alert_id == alert_id]
        page = _page(found, lambda member: member.key, after, limit)
        return [(member, self._rows.rows.get((member.key.source, member.event_id))) for member in page]

    async def notices(self, alert_id: str, after: int, limit: int) -> Sequence[Notice]:
        found = [notice for notice in self._rows.notices if notice.alert.alert_id == alert_id]
        return _page(found, lambda notice: notice.revision, after, limit)

    async def digests(self, team: str, after: DigestPlace | None, limit: int) -> Sequence[Digest]:
        def order(place: DigestPlace) -> tuple[timedelta, str]:
            return (_EPOCH - place.at, place.digest_id)

        found: list[Digest] = [row.record for row in self._rows.digests if row.team == team]
        return _page(found, lambda one: order(digest_place(one)), order(after) if after else None, limit)

    async def explanation(self, source: str, event_id: str) -> FeedbackRow | None:
        return self._rows.rows.get((source, event_id))

    async def admitted(self, source: str, event_id: str) -> bool:
        return (source, event_id) in self._rows.identities

    async def homes(self, source: str, subject: str) -> Sequence[Member]:
        return [self._rows.members[home] for home in sorted(self._rows.members_of.get((source, subject), ()))]

    async def contribution(self, source: str, subject: str, event_id: str) -> Contribution | None:
        found = (self._rows.contributions.get(PartKey(source, subject, part)) for part in ("", event_id))
        return next((one for one in found if one is not None and one.feedback.event_id == event_id), None)

    async def reviews(self, after: ReviewPlace | None, limit: int) -> Sequence[ReviewRow]:
        def order(place: ReviewPlace) -> tuple[float, str, str, str, str]:
            return (-place.ends_at.timestamp(), place.process, place.category, place.region, place.measure)

        return _page(self._rows.reviews, lambda row: order(review_place(row)), order(after) if after else None, limit)

    async def agenda(self, limit: int) -> Sequence[Alert]:
        found = [alert for alert in self._rows.alerts.values() if alert.kind.is_review and alert.on_agenda]
        return _page(found, lambda alert: _order(queue_place(alert)), None, limit)

    async def dead_letters(self, before: int | None, limit: int) -> Sequence[Letter]:
        found = [Letter(number=at, letter=letter) for at, letter in enumerate(self._rows.dead_letters, start=1)]
        return _page(found, lambda one: -one.number, None if before is None else -before, limit)

    async def dead_letter(self, number: int) -> Letter | None:
        held = self._rows.dead_letters
        return Letter(number=number, letter=held[number - 1]) if 0 < number <= len(held) else None

    async def erasures(self, after: ErasurePlace | None, limit: int) -> Sequence[Erasure]:
        def order(place: ErasurePlace) -> tuple[timedelta, str]:
            return (_EPOCH - place.at, place.erasure_id)

        found = self._rows.erasures.values()
        return _page(found, lambda one: order(erasure_place(one)), order(after) if after else None, limit)

    async def playbooks(self, limit: int) -> Sequence[Shelved]:
        return sorted(self._rows.playbooks.values(), key=lambda one: one.activated_at, reverse=True)[:limit]

    async def scores(self, sample: Sample) -> Tallied:
        return count(self._rows.contributions.values(), sample)

    async def cases(self, cohort: Cohort) -> CasesTallied:
        return count_cases(self._rows.contributions.values(), cohort)

    async def loop(self, asked: Looped) -> LoopTallied:
        told = [one.entry for one in self._rows.audit.entries if one.entry.kind is ObjectKind.ALERT]

        def acts(key: PartKey) -> list[tuple[Action, datetime]]:
            members = (one for home, one in self._rows.members.items() if home[0] == key and not one.copy)
            alerts = {one.alert_id for one in members}
            return [
                (one.action, one.at) for one in told if one.object_id in alerts and one.outcome is AuditOutcome.DONE
            ]

        return count_loop(self._rows.contributions.values(), acts, asked)

    async def heard_until(self) -> datetime | None:
        return heard_until(self._rows.contributions.values())

    async def endings(self, span: Span) -> Sequence[EndingTally]:
        interrupted = {one.alert.alert_id for one in self._rows.notices if one.reason.interrupts}
        return count_endings(self._rows.alerts.values(), interrupted, span)

    async def review_outcomes(self, span: Span, limit: int) -> Sequence[ReviewOutcome]:
        return review_outcomes(self._rows.alerts.values(), self._rows.reviews, span)[:limit]

    async def hearsay(self, refs: Collection[str], rule: IdentityRule) -> Hearsay:
        return hearsay(self._rows, refs, rule)


def _is_wanted(alert: Alert, wanted: Wanted) -> bool:
    asked: tuple[tuple[object, Sequence[object]], ...] = (
        (alert.state, wanted.states),
        (alert.severity, wanted.severities),
        (alert.kind, wanted.kinds),
        (alert.category, wanted.categories),
        (alert.process, wanted.processes),
    )
    return alert.team == wanted.team and all(not allowed or value in allowed for value, allowed in asked)


def _order(place: QueuePlace) -> tuple[int, int, timedelta, str]:
    is_open = place.state is AlertState.OPEN
    return (not is_open, -place.severity.rank if is_open else 0, _EPOCH - place.last_seen, place.alert_id)


def _page(rows: Iterable[T], key: Callable[[T], Any], after: object, limit: int) -> list[T]:
    ordered = sorted(rows, key=key)
    return [row for row in ordered if after is None or key(row) > after][:limit]
