"""Which process instance a feedback is about: the ladder of deploy/docs/architecture.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event

_CONFIDENCE = {"instance_id": 1.0, "business_key": 0.9, "ticket": 0.85}
SURENESS = ("none", "unlinked", "ambiguous", "linked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    status: str
    method: str
    candidates: tuple[str, ...] = ()

    @property
    def instance(self) -> str | None:
        return self.candidates[0] if self.status == "linked" else None

    def row(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "method": self.method,
            "instance_id": self.instance,
            "confidence": _CONFIDENCE[self.method] if self.status == "linked" else 0.0,
            "candidates": list(self.candidates),
        }


NO_LINK = Link(status="none", method="no_key")


@dataclass(slots=True)
class Registry:
    """The instances heard of: the process of each, and the names under which it can be found."""

    process: dict[str, str] = field(default_factory=dict)
    carriers: dict[tuple[str, ...], set[str]] = field(default_factory=dict)
    heard_at: dict[str, datetime] = field(default_factory=dict)
    # When it was completed, the last time.
    completed: dict[str, datetime] = field(default_factory=dict)

    def register(self, event: Event, playbook: Playbook) -> None:
        data = event.data
        instance = data["instance"]
        process = playbook.process_names.get(data["process"].casefold(), data["process"])
        if instance not in self.heard_at or event.at >= self.heard_at[instance]:
            self.process[instance], self.heard_at[instance] = process, event.at
        happened = event.happened
        if data["lifecycle"] == "complete" and data.get("activity") is None and happened is not None:
            self.completed[instance] = max(happened, self.completed.get(instance, happened))
        keys = data.get("keys", ())
        names: list[tuple[str, ...]] = [("instance_id", instance)]
        for key in keys.values() if isinstance(keys, Mapping) else keys:
            names += [("business_key", process, key), ("ticket", key)]
        for name in names:
            self.carriers.setdefault(name, set()).add(instance)

    def find(self, keys: Mapping[str, str | None], process: str | None, *, relationship: bool) -> Link:
        """Take the first step that finds any; two under one key are never chosen from."""
        steps: list[tuple[str, ...]] = []
        if keys["instance"]:
            steps.append(("instance_id", keys["instance"]))
        for name in ("business_key", "order"):
            key = keys[name]
            if key and process:
                steps.append(("business_key", process, key))
        if keys["ticket"]:
            steps.append(("ticket", keys["ticket"]))
        if relationship or not steps:
            return NO_LINK
        for step in steps:
            found = sorted(self.carriers.get(step, ()))
            if found:
                status = "linked" if len(found) == 1 else "ambiguous"
                return Link(status=status, method=step[0], candidates=tuple(found[:5]))
        return Link(status="unlinked", method="not_found")
