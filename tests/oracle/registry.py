"""What is known of process instances, whatever order it came in, and the names under which each is found.

deploy/docs/linking.md, 'The registry'.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event
from tests.oracle.references import written_as

# What a name is, such as a ticket, and the name; a business key has its process in between.
Name = tuple[str, ...]

_ENDS = ("complete", "cancel", "fail")
_MOST_MERGES = 5


@dataclass(slots=True, kw_only=True)
class Instance:
    """`process` and `customer` are as said last; `begun` and `completed` as a whole, the last time.

    `processes` are all that were ever said.
    """

    process: tuple[datetime, str]
    customer: tuple[datetime, str] | None = None
    started: datetime | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    completed: datetime | None = None
    keys: set[str] = field(default_factory=set)
    processes: set[str] = field(default_factory=set)

    def step(self, lifecycle: str, at: datetime, *, whole: bool) -> None:
        if not whole or lifecycle not in _ENDS:
            self.started = min(self.started or at, at)
            if whole and lifecycle == "start":
                self.begun = max(self.begun or at, at)
            return
        self.ended = max(self.ended or at, at)
        if lifecycle == "complete":
            self.completed = max(self.completed or at, at)

    def had_begun(self, at: datetime) -> bool:
        return self.started is None or self.started <= at

    def ran(self, at: datetime, window: timedelta) -> bool:
        runs_again = self.begun is not None and self.ended is not None and self.begun > self.ended
        return self.had_begun(at) and (self.ended is None or runs_again or at - self.ended <= window)

    @property
    def owner(self) -> str | None:
        """Return whose it is known to be."""
        return None if self.customer is None else self.customer[1]


@dataclass(slots=True)
class Registry:
    playbook: Playbook
    instances: dict[str, Instance] = field(default_factory=dict)
    # Into which ticket one was merged, by the latest word.
    merged: dict[str, tuple[datetime, str, str]] = field(default_factory=dict)
    _under: dict[Name, set[str]] = field(default_factory=dict)

    def register(self, event: Event, customer: str | None) -> set[Name]:
        """Fold in what an event says; return the names of which something is learnt."""
        data, instance = event.data, event.data["instance"]
        process = self.playbook.process_names.get(data["process"].casefold(), data["process"])
        known = self.instances.setdefault(instance, Instance(process=(event.at, process)))
        before = self._names_of(instance)
        known.process = (event.at, process) if event.at >= known.process[0] else known.process
        known.processes.add(process)
        if customer is not None:
            known.customer = max((event.at, customer), known.customer or (event.at, ""))
        keys = data.get("keys", ())
        known.keys |= set(keys.values() if isinstance(keys, Mapping) else keys)
        if event.happened is not None:
            known.step(data["lifecycle"], event.happened, whole=data.get("activity") is None)
        now = self._names_of(instance)
        for name in before - now:
            self._under[name].discard(instance)
        for name in now:
            self._under.setdefault(name, set()).add(instance)
        return before | now

    def merge(self, ticket: str, into: str, at: datetime, event_id: str) -> set[Name]:
        """Keep the latest word on a ticket; return the names of which something is learnt."""
        self.merged[ticket] = max((at, event_id, into), self.merged.get(ticket, (at, "", "")))
        return {("ticket", ticket), ("ticket", into)}

    def lives_on_as(self, ticket: str) -> list[str]:
        """Return the ticket, the one into which it was merged, and so on."""
        found = [ticket]
        while len(found) <= _MOST_MERGES and found[-1] in self.merged:
            found.append(self.merged[found[-1]][2])
        return found

    def waited_for_under(self, names: Iterable[Name]) -> set[Name]:
        """Return the names, and those of the tickets that lead to one of them by merges."""
        found, last = set(names), set(names)
        for _ in range(_MOST_MERGES):
            last = {("ticket", one) for one, (*_, into) in self.merged.items() if ("ticket", into) in last}
            found |= last
        return found

    def under(self, name: Name) -> Collection[str]:
        return self._under.get(name, ())

    def references_of(self, instance: str) -> set[str]:
        names = {instance, *self.instances[instance].keys}
        return {found for name in names for found in written_as(name, self.playbook.forms)}

    def _names_of(self, instance: str) -> set[Name]:
        known = self.instances[instance]
        names: set[Name] = {("instance", instance)}
        for key in known.keys:
            names |= {("business", known.process[1], key), ("ticket", key)}
        names |= {("reference", one) for one in self.references_of(instance)}
        return names if known.owner is None else names | {("customer", known.owner)}
