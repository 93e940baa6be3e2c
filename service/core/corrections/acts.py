"""Corrections <-> what people did, in the order in which they did it, so that a replay can do it again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from service.core.records.corrections import Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionAct:
    """That a person said what an event is about, or with None for `meant` took back what was said of it."""

    at: datetime
    source: str
    subject: str
    event_id: str
    meant: tuple[str, ...] | None
    author: str
    reason: str | None = None


def acts_of(corrections: Iterable[Correction]) -> tuple[CorrectionAct, ...]:
    """List what was done; saying something else of a part ends what was said before, and is one act."""
    known = {(one.key, one.number): one for one in corrections}
    acts: list[tuple[datetime, int, CorrectionAct]] = []
    for (key, number), one in sorted(known.items()):
        said = CorrectionAct(
            at=one.at,
            source=key.source,
            subject=key.subject,
            event_id=one.event_id,
            meant=one.meant,
            author=one.author,
            reason=one.reason,
        )
        acts.append((one.at, number, said))
        following = known.get((key, number + 1))
        if one.ended_at is not None and (following is None or following.at != one.ended_at):
            ended = CorrectionAct(
                at=one.ended_at,
                source=key.source,
                subject=key.subject,
                event_id=one.event_id,
                meant=None,
                author=one.ended_by or "",
            )
            acts.append((one.ended_at, number, ended))
    return tuple(act for _, _, act in sorted(acts, key=lambda entry: entry[:2]))
