"""Entries <-> the JSON documents that are hashed, kept, exported and read again.

Refused is a line that is no entry; what it says is not judged here.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from service.core.audit.entry import Action, Anchor, AuditOutcome, Entry, Head, ObjectKind, Sealed
from service.core.records.doer import Doer, Means

FORMAT = "feedback-router.audit.v1"
_NAMES = {"seq", "at", "actor", "role", "means", "action", "kind", "id", "team", "before", "after", "outcome", "hash"}


class UnreadableLineError(ValueError):
    """A line is no entry, or the first one no opening; the message quotes nothing of it."""


def body(seq: int, entry: Entry) -> dict[str, Any]:
    """Write what is hashed of an entry: all but the hash."""
    return {
        "seq": seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.doer.name,
        "role": entry.doer.role,
        "means": entry.doer.means.value,
        "action": entry.action.value,
        "kind": entry.kind.value,
        "id": entry.object_id,
        "team": entry.team,
        "before": None if entry.before is None else dict(entry.before),
        "after": None if entry.after is None else dict(entry.after),
        "outcome": entry.outcome.value,
    }


def document(sealed: Sealed) -> dict[str, Any]:
    """Write an entry as a line of an export."""
    return {**body(sealed.seq, sealed.entry), "hash": sealed.hash}


def opening(anchor: Anchor | None, head: Head) -> dict[str, Any]:
    """Write the first line of an export: from where to where the chain goes."""
    return {
        "format": FORMAT,
        "anchor": None if anchor is None else {"seq": anchor.seq, "hash": anchor.hash},
        "head": {"seq": head.seq, "hash": head.hash},
    }


def read_opening(line: bytes) -> tuple[Anchor | None, Head]:
    """Read the first line of an export.

    Raises:
        UnreadableLineError: it is none.
    """
    try:
        found = orjson.loads(line)
        told, anchor, head = found["format"], found["anchor"], found["head"]
        if told != FORMAT:
            raise ValueError(told)
        return (
            None if anchor is None else Anchor(seq=int(anchor["seq"]), hash=str(anchor["hash"])),
            Head(seq=int(head["seq"]), hash=str(head["hash"])),
        )
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise UnreadableLineError("the first line is no opening of an export") from None


def read_sealed(line: bytes) -> Sealed:
    """Read a line of an export.

    Raises:
        UnreadableLineError: it is no entry.
    """
    try:
        return _sealed(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        raise UnreadableLineError("a line is no entry") from None


def _sealed(found: Mapping[str, Any]) -> Sealed:
    if set(found) != _NAMES:
        raise ValueError("a name is missing, or there is another one, which no hash would cover")
    before, after = found["before"], found["after"]
    entry = Entry(
        at=datetime.fromisoformat(found["at"]),
        doer=Doer(name=found["actor"], role=found["role"], means=Means(found["means"])),
        action=Action(found["action"]),
        kind=ObjectKind(found["kind"]),
        object_id=found["id"],
        team=found["team"],
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        outcome=AuditOutcome(found["outcome"]),
    )
    return Sealed(seq=int(found["seq"]), entry=entry, hash=str(found["hash"]))
