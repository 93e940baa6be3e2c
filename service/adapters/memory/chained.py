"""Entries of the audit -> the chain in memory, and the oldest of it cut off."""

from collections.abc import Iterable
from datetime import datetime

from service.core.audit import GENESIS, Anchor, Entry, Sealed, cut_before, cut_entry, seal


class ChainedRows:
    """The entries that are kept, the end of the chain, and where it was cut last."""

    def __init__(self) -> None:
        self.entries: list[Sealed] = []
        self.head = GENESIS
        self.anchor: Anchor | None = None

    def append(self, entries: Iterable[Entry]) -> None:
        self.head, sealed = seal(self.head, entries)
        self.entries += sealed

    def cut(self, before: datetime, limit: int, now: datetime) -> int:
        """Cut off the oldest days, and say so in the chain; return how much went."""
        count = cut_before([one.entry.at for one in self.entries[:limit]], before)
        if count:
            last = self.entries[count - 1]
            self.anchor = Anchor(seq=last.seq, hash=last.hash)
            self.entries = self.entries[count:]
            self.append([cut_entry(self.anchor, count, now)])
        return count
