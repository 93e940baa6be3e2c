"""What ties contributions to instances, and which of them a late word decides anew: deploy/docs/linking.md."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    _looked_for: defaultdict[Name, set[PartName]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.registry = Registry(self.playbook)

    def link(self, said: Said, at: datetime) -> Link:
        return Search(self.registry, self.playbook, said, at).link()

    def process(self, said: Said, link: Link) -> str:
        """Return the process of the instance, else the one that is named, else that of the category."""
        if link.instance is not None:
            return self.registry.instances[link.instance].process[1]
        return said.process or self.playbook.process_of_category.get(said.category.name) or "unassigned"

    def watch(self, name: PartName, part: Part) -> None:
        """Keep under which names a contribution was looked for."""
        for one in Search(self.registry, self.playbook, part.said, part.began).looked_under():
            self._looked_for[one].add(name)

    def tied_anew(self, names: Iterable[Name], parts: Mapping[PartName, Part], now: datetime) -> list[PartName]:
        """Link those anew that wait under the names of which something was learnt; return what that has changed."""
        found = {one for name in names for one in self._looked_for.get(name, ()) if one in parts}
        changed = []
        for name in sorted(found, key=lambda name: (parts[name].began, name)):
            part = parts[name]
            if part.link.is_final:
                continue
            link, limit = self.link(part.said, part.began), part.decided + self.playbook.link_wait
            if link != part.link and abs(now - limit) <= self.bound:
                self.unsettled.add(name)
            if now > limit:
                continue
            self.watch(name, part)
            if link != part.link:
                part.link, part.process = link, self.process(part.said, link)
                changed.append(name)
        return changed

    def possible_processes(self, part: Part) -> set[str]:
        """Return every process that a contribution may have been given, whatever was known of instances by then."""
        within = Search(self.registry, self.playbook, part.said, part.began).within_reach()
        unlinked = part.said.process or self.playbook.process_of_category.get(part.said.category.name) or "unassigned"
        return {unlinked, part.process}.union(*(self.registry.instances[one].processes for one in within))
