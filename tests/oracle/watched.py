"""Alerts that hold no members: about one case that is late, or one customer who is at risk (deploy/docs/alerts.md)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.playbook import Playbook
from tests.oracle.routing import dedup_key


@dataclass(slots=True, kw_only=True, eq=False)
class Watched:
    """`names` are the events that it rests on; with no `events` nothing is left in it."""

    key: str
    kind: str
    severity: str
    team: str = ""
    process: str = ""
    category: str = "*"
    names: tuple[str, ...] = ()
    events: int = 0
    opened: datetime
    resolved: datetime | None = None

    def end(self, at: datetime, *, emptied: bool) -> None:
        self.resolved = at
        if emptied:
            self.names, self.events = (), 0

    def row(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "members": sorted(self.names),
            "severity": self.severity if self.events else "info",
            "events": self.events,
            "customers": min(self.events, 1),
            "team": self.team,
            "kind": self.kind,
            "category": self.category,
            "process": self.process,
            "state": "open" if self.resolved is None else "resolved",
            "opened_at": _written(self.opened),
            "resolved_at": None if self.resolved is None else _written(self.resolved),
        }


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The alerts of one kind, the latest of each key, and where an event came so near a limit that order may decide.

    The field `names` whom each is about. Nothing is claimed of what is `unclaimed`; of what is `passing` it is claimed
    whether it is open in the end.
    """

    playbook: Playbook
    bound: timedelta
    kind: str
    names: str
    severity: str
    all: list[Watched] = field(default_factory=list)
    latest: dict[str, Watched] = field(default_factory=dict)
    unclaimed: set[str] = field(default_factory=set)
    passing: set[str] = field(default_factory=set)

    def key(self, name: str) -> str:
        """Return the dedup key, which names no team."""
        return dedup_key(self.kind, {self.names: name}, None)

    def open_one(self, name: str) -> Watched | None:
        """Return the alert that is open."""
        found = self.latest.get(name)
        return found if found is not None and found.resolved is None else None

    def open(self, name: str, at: datetime, now: datetime) -> Watched:
        """Bring the last alert back, if it has not been resolved for too long, else open the next."""
        known = self.latest.get(name)
        if known is not None and known.resolved is not None:
            limit = known.resolved + self.playbook.reopen_window
            self.note(name, limit, at)
            if at <= limit:
                known.resolved = None
                return known
        self.latest[name] = Watched(key=self.key(name), kind=self.kind, severity=self.severity, opened=now)
        self.all.append(self.latest[name])
        return self.latest[name]

    def note(self, name: str, limit: datetime, at: datetime) -> None:
        """Claim nothing of what has a limit within the bound of a time."""
        if abs(at - limit) <= self.bound:
            self.unclaimed.add(self.key(name))


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
