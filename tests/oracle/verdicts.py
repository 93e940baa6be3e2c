"""What became of a record when it came: deploy/docs/alerts.md, 'Verdicts', as the words that it may have.

In the order of time all but a budget can be foretold: what a team was told before hangs on every alert that it has. In
another order of arrival `now` and what was known are within a bound, and so are the words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.oracle.alerts import Alert
from tests.oracle.parts import Part
from tests.oracle.playbook import Playbook
from tests.oracle.saying import Said
from tests.oracle.severity import BANDS
from tests.oracle.volume import Volume
from tests.oracle.world import World

ANY = frozenset({"quiet", "stale", "inhibited", "held", "opened", "merged", "updated"})


@dataclass(slots=True)
class Verdicts:
    playbook: Playbook
    bound: timedelta
    silenced: frozenset[str] = frozenset()
    found: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def note(self, said: Said, world: World, volume: Volume, now: datetime) -> None:
        """Find the words for a record that has just been decided."""
        if said.change in ("none", "withdraw"):
            words = {"recorded" if said.change == "none" else "updated"}
        elif self.bound:
            # What several records say of a subject hangs on which of them came first; this is looked at in the end.
            words = {*ANY, "silenced"} if self.silenced else set(ANY)
        else:
            words = self._at(said, world, volume, now)
        self.found[said.source, said.event_id] = frozenset(words)

    def narrow(self, world: World, volume: Volume, heard: Mapping[tuple[str, str], int]) -> None:
        """Say what no order of arrival can change of subjects of which one record is all that was `heard`."""
        if not self.bound:
            return
        swayed = world.swayed
        for name, part in world.parts.items():
            if heard[name[:2]] == 1 and not name[2] and name[:2] not in swayed:
                self.found[part.said.source, part.said.event_id] = frozenset(self._within(part, world, volume))

    def _at(self, said: Said, world: World, volume: Volume, now: datetime) -> set[str]:
        placed, severity = world.placed, world.placed_at
        if severity is None or placed is None:
            return {"updated" if placed is not None and placed.left else "quiet"}
        if now - said.at > self.playbook.stale_after:
            return {"stale"}
        if placed.home is None:
            return {"updated"}
        plain = "opened" if placed.opened else "merged"
        if severity == "critical":
            return {plain}
        if volume.speaks_for((placed.home.process, placed.home.category), now):
            return {"inhibited"}
        return self._held(placed.home, now, plain)

    def _held(self, home: Alert, now: datetime, plain: str) -> set[str]:
        hours = self.playbook.quiet.get(home.team)
        if hours is not None and hours.quiet(now):
            return {"held"}
        return {plain, "held"} if home.team in self.playbook.budgets else {plain}

    def _within(self, part: Part, world: World, volume: Volume) -> set[str]:
        severities = world.severities(part)
        worth = [one for one in severities if BANDS.index(one) >= BANDS.index(self.playbook.floor)]
        judged = part.judgement
        if judged is None or not judged.negative or not worth:
            return {"quiet"}
        said, owner, words = part.said, part.targets[0], {"opened", "merged"}
        if part.done:
            words.add("updated")
        if len(worth) < len(severities):
            words.add("quiet")
        if (said.source, said.event_id) in world.belated:
            words.add("stale")
        if "critical" in severities and len(severities) == 1:
            return words
        processes = world.ties.possible_processes(part)
        if not owner.teamed or any((process, said.category.name) in volume.formal for process in processes):
            words.add("inhibited")
        if owner.team in self.silenced:
            words.add("silenced")
        hours = self.playbook.quiet.get(owner.team)
        found = {False} if hours is None else hours.sometimes(said.at - self.bound, said.at + self.bound)
        # An alert that is keyed by no team may have been another's at that moment.
        if True in found or owner.team in self.playbook.budgets or not owner.teamed:
            words.add("held")
        if found == {True} and "critical" not in severities:
            words -= {"opened", "merged"}
        return words
