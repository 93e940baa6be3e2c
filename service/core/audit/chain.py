"""The head of a chain and new entries -> these in their places; a chain -> the first fault of it, or none.

The hash of an entry is the SHA-256 of the hash before it, a newline, and the entry's document as JSON with sorted keys
and no spaces. Whoever can write every row can make a whole chain anew: what stands against that is a head that was
noted elsewhere, which `known` takes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

import orjson

from service.core.audit.entry import Action, Anchor, Entry, Head, Sealed
from service.core.audit.lines import body

GENESIS = Head(seq=0, hash="0" * 64)


class AuditFault(StrEnum):
    """What is wrong with a chain at a place."""

    GAP = "gap"
    OUT_OF_ORDER = "out_of_order"
    ALTERED = "altered"
    CUT_OFF = "cut_off"
    BEYOND_HEAD = "beyond_head"
    HEAD_DIFFERS = "head_differs"
    UNSIGNED_CUT = "unsigned_cut"
    NOT_AS_KNOWN = "not_as_known"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """The place of the first entry that is not as it was written, or is not there."""

    seq: int
    reason: AuditFault


def hash_of(before: str, seq: int, entry: Entry) -> str:
    """Return the hash of an entry in its place, in hexadecimal."""
    text = orjson.dumps(body(seq, entry), option=orjson.OPT_SORT_KEYS)
    return sha256(before.encode() + b"\n" + text).hexdigest()


def seal(head: Head, entries: Iterable[Entry]) -> tuple[Head, Sequence[Sealed]]:
    """Put entries in their places; return the head after them."""
    found = []
    for entry in entries:
        seq = head.seq + 1
        head = Head(seq=seq, hash=hash_of(head.hash, seq, entry))
        found.append(Sealed(seq=seq, entry=entry, hash=head.hash))
    return head, found


class Verification:
    """Takes the entries of a chain one after the other, from its anchor to its head.

    `known` holds hashes by place that were noted elsewhere. Those of entries that were cut off since say nothing.
    """

    def __init__(self, anchor: Anchor | None, head: Head, known: Mapping[int, str] | None = None) -> None:
        self._anchor = anchor
        self._head = head
        self._known = known or {}
        self._last = GENESIS if anchor is None else Head(seq=anchor.seq, hash=anchor.hash)
        self._signed = anchor is None

    def begin(self) -> Fault | None:
        """Say what is wrong before any entry is read."""
        return self._unlike_known()

    def take(self, sealed: Sealed) -> Fault | None:
        """Say what is wrong with the next entry."""
        wanted = self._last.seq + 1
        if sealed.seq != wanted:
            gap = sealed.seq > wanted
            return Fault(seq=wanted if gap else sealed.seq, reason=AuditFault.GAP if gap else AuditFault.OUT_OF_ORDER)
        if hash_of(self._last.hash, sealed.seq, sealed.entry) != sealed.hash:
            return Fault(seq=sealed.seq, reason=AuditFault.ALTERED)
        if sealed.seq > self._head.seq:
            return Fault(seq=sealed.seq, reason=AuditFault.BEYOND_HEAD)
        self._last = Head(seq=sealed.seq, hash=sealed.hash)
        anchor, entry = self._anchor, sealed.entry
        if anchor is not None and entry.action is Action.AUDIT_CUT:
            after = entry.after or {}
            self._signed |= (after.get("seq"), after.get("hash")) == (anchor.seq, anchor.hash)
        return self._unlike_known()

    def end(self) -> Fault | None:
        """Say what is wrong when no entry is left."""
        last, head = self._last, self._head
        if last.seq < head.seq:
            return Fault(seq=last.seq + 1, reason=AuditFault.CUT_OFF)
        if last != head:
            return Fault(seq=head.seq, reason=AuditFault.HEAD_DIFFERS)
        beyond = [seq for seq in self._known if seq > head.seq]
        if beyond:
            return Fault(seq=head.seq + 1, reason=AuditFault.CUT_OFF)
        if not self._signed and self._anchor is not None:
            return Fault(seq=self._anchor.seq, reason=AuditFault.UNSIGNED_CUT)
        return None

    def _unlike_known(self) -> Fault | None:
        last = self._last
        if self._known.get(last.seq, last.hash) != last.hash:
            return Fault(seq=last.seq, reason=AuditFault.NOT_AS_KNOWN)
        return None


def verify(
    chain: Iterable[Sealed], head: Head, anchor: Anchor | None = None, known: Mapping[int, str] | None = None
) -> Fault | None:
    """Say what is wrong with a chain first; None where it is whole."""
    verification = Verification(anchor, head, known)
    fault = verification.begin()
    for sealed in chain:
        fault = fault or verification.take(sealed)
        if fault is not None:
            return fault
    return fault or verification.end()
