"""A lease's next offset and what the log holds -> where to start; a mismatch is named, never reset in silence."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How a lease and its partition's log fit."""

    NEW = "new"
    WITHIN = "within"
    LOG_CUT = "log_cut"  # Retention took records that were never read.
    PAST_END = "past_end"  # The log is another, or was truncated: nothing here can be trusted.


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where to read on. `skipped` offsets are gone from the log unread; `offset` means nothing for `past_end`."""

    standing: Standing
    offset: int
    skipped: int = 0


def start_of(next_offset: int | None, first: int, end: int | None) -> Start:
    """Say where to read on; `first` and `end` bound the log, `end` None where the broker's word is not good."""
    if next_offset is None:
        return Start(standing=Standing.NEW, offset=first)
    if end is not None and next_offset > end:
        return Start(standing=Standing.PAST_END, offset=next_offset)
    if next_offset < first:
        return Start(standing=Standing.LOG_CUT, offset=first, skipped=first - next_offset)
    return Start(standing=Standing.WITHIN, offset=next_offset)
