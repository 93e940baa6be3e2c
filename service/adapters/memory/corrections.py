"""The rows in memory -> corrections, and what the ladder and people have filed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from service.adapters.memory.rows import Rows
from service.core.corrections import Filings, count_filings
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey
from service.core.records.words import AlertKind, AlertState, Disposition
from service.ports import CorrectionPlace, CorrectionsWanted, correction_place

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def last_corrections(rows: Rows, source: str, subject: str) -> Mapping[tuple[PartKey, int], Correction]:
    last: dict[PartKey, Correction] = {}
    for (key, number), one in sorted(rows.corrections.items()):
        if (key.source, key.subject) == (source, subject):
            last[key] = one if key not in last or last[key].number < number else last[key]
    return {(key, one.number): one for key, one in last.items()}


class MemoryCorrections:
    """Implements CorrectionsRead over the rows of a store."""

    _rows: Rows

    async def corrections(
        self, wanted: CorrectionsWanted, after: CorrectionPlace | None, limit: int
    ) -> Sequence[Correction]:
        found = [one for one in self._rows.corrections.values() if self._is_wanted(one, wanted)]
        # The latest first, and of those at one time the keys in order.
        found.sort(key=lambda one: (one.key, one.number))
        found.sort(key=lambda one: one.at, reverse=True)
        return [one for one in found if after is None or _comes_after(correction_place(one), after)][:limit]

    async def filings(self, since: datetime, until: datetime) -> Filings:
        return count_filings(self._rows.contributions.values(), since, until)

    async def confirmed(self, since: datetime | None, limit: int) -> Sequence[Contribution]:
        ended: dict[PartKey, datetime] = {}
        for (key, alert_id), member in self._rows.members.items():
            alert, one = self._rows.alerts[alert_id], self._rows.contributions.get(key)
            said = None if alert.disposed is None else alert.disposed.disposition
            right = alert.kind is AlertKind.EVENT and said is Disposition.ACTIONABLE and not member.copy
            over = alert.resolved_at if alert.state is AlertState.RESOLVED else None
            if right and over is not None and one is not None and one.categorised.category == alert.category:
                ended[key] = max(over, ended.get(key, over))
        order = sorted(key for key, at in ended.items() if since is None or at >= since)
        order.sort(key=lambda key: ended[key], reverse=True)
        return [self._rows.contributions[key] for key in order[:limit]]

    def _is_wanted(self, one: Correction, wanted: CorrectionsWanted) -> bool:
        subject = self._rows.subjects.get((one.key.source, one.key.subject))
        usable = one.stands and one.text != "" and subject is not None and not subject.withdrawn
        return (
            (wanted.since is None or one.at >= wanted.since)
            and (wanted.until is None or one.at < wanted.until)
            and wanted.category in (None, one.given.category, *one.meant)
            and wanted.method in (None, one.given.method)
            and (usable or not wanted.usable)
        )


def _comes_after(place: CorrectionPlace, after: CorrectionPlace) -> bool:
    def names(one: CorrectionPlace) -> tuple[str, str, str, int]:
        return (one.source, one.subject, one.part, one.number)

    return place.at < after.at or (place.at == after.at and names(place) > names(after))
