"""The oldest entries and an age -> how many of them go, and the entry that answers for the cut.

A cut is of whole days (UTC) and of what comes first without a gap, so that what is left is a chain. The entry names the
place and hash of the last that went: an anchor that no entry names is somebody else's cut.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import takewhile

from service.core.audit.entry import Action, Anchor, Entry, ObjectKind
from service.core.records.doer import SERVICE


def cut_before(oldest: Sequence[datetime], before: datetime) -> int:
    """Count those of the oldest entries, given by their times, that may go."""
    day = before.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return sum(1 for _ in takewhile(lambda at: at < day, oldest))


def cut_entry(anchor: Anchor, count: int, now: datetime) -> Entry:
    """Answer for a cut up to an anchor."""
    return Entry(
        at=now,
        doer=SERVICE,
        action=Action.AUDIT_CUT,
        kind=ObjectKind.AUDIT,
        object_id=str(anchor.seq),
        after={"seq": anchor.seq, "hash": anchor.hash, "entries": count},
    )
