"""What ties contributions to instances, and which of them a late word decides anew: deploy/docs/linking.md."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tests.oracle.alerts import PartName
from tests.oracle.links import Link, Search
from tests.oracle.parts import Part
from tests.oracle.playbook import Playbook
from tests.oracle.registry import Name, Registry
from tests.oracle.saying import Said


@dataclass(slots=True)
class Ties:
    """`unsettled` are those of which something came so near the end of their wait that order may have decided."""

    playbook: Playbook
    bound: timedelta
    registry: Registry = field(init=False)
    unsettled: set[PartName] = field(default_factory=set)
    _waiting: defaultdict[Name, set[PartName]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.registry = Registry(self.playbook)

    def link(self, said: Said, at: datetime) -> Link:
        return Search(self.registry, self.playbook, said, at).link()

    def process(self, said: Said, link: Link) -> str:
        """Return the process of the instance, else the one that is named, else that of the category."""
        if link.instance is not None:
            return self.registry.instances[link.instance].process[1]
        return said.process or self.playbook.process_of_category.get(said.category.name) or "unassigned"

    def watch(self, name: PartName, part: Part, event: Said, before: Part | None, now: datetime) -> None:
        """Let a contribution wait under the names that its event gave, and on under those that it gave before."""
        part.waits = dict(before.waits) if before is not None else {}
        if not part.link.is_final:
            named = replace(event, process=part.said.process)
            for one in Search(self.registry, self.playbook, named, part.began).looked_under():
                part.waits[one] = now + self.playbook.link_wait
                self._waiting[one].add(name)

    def tied_anew(self, names: Iterable[Name], parts: Mapping[PartName, Part], now: datetime) -> list[PartName]:
        """Link those anew that wait under the names of which something was learnt; return what that has changed."""
        names = self.registry.waited_for_under(names)
        found = {one for name in names for one in self._waiting.get(name, ()) if one in parts}
        changed = []
        for name in sorted(found, key=lambda name: (parts[name].began, name)):
            part = parts[name]
            link = self.link(part.said, part.began)
            process, limits = self.process(part.said, link), [part.waits[one] for one in names if one in part.waits]
            if not limits or (link, process) == (part.link, part.process):
                continue
            if any(abs(now - limit) <= self.bound for limit in limits):
                self.unsettled.add(name)
            if now <= max(limits):
                part.link, part.process = link, process
                changed.append(name)
        return changed

    def possible_processes(self, part: Part) -> set[str]:
        """Return every process that a contribution may have been given, whatever was known of instances by then."""
        within = Search(self.registry, self.playbook, part.said, part.began).within_reach()
        unlinked = part.said.process or self.playbook.process_of_category.get(part.said.category.name) or "unassigned"
        return {unlinked, part.process}.union(*(self.registry.instances[one].processes for one in within))
