"""Which process instance a feedback is about: the ladder of deploy/docs/linking.md."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.oracle.playbook import Playbook
from tests.oracle.references import has_digits_of, is_near, references
from tests.oracle.registry import Name, Registry
from tests.oracle.saying import Said

_CONFIDENCE = {"instance_id": 1.0, "business_key": 0.9, "ticket": 0.85, "reference": 0.8, "customer": 0.6}
_NEAR = 0.7
_MOST_CANDIDATES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    status: str
    method: str
    reason: str
    candidates: tuple[str, ...] = ()

    @property
    def instance(self) -> str | None:
        return self.candidates[0] if self.status == "linked" else None

    @property
    def is_final(self) -> bool:
        """Whether nothing that is learnt later changes it."""
        return self.status == "linked" and self.method == "instance_id"

    def row(self) -> dict[str, Any]:
        sure = _NEAR if self.reason == "near_reference" else _CONFIDENCE.get(self.method, 0.0)
        return {
            "status": self.status,
            "method": self.method,
            "reason": self.reason,
            "instance_id": self.instance,
            "confidence": sure if self.status == "linked" else 0.0,
            "candidates": list(self.candidates),
        }


NO_LINK = Link(status="none", method="no_key", reason="no_key")
_OF_US = Link(status="none", method="no_key", reason="relationship_survey")
_UNKNOWN = Link(status="unlinked", method="not_found", reason="key_unknown")
_NONE_THEN = Link(status="unlinked", method="not_found", reason="none_at_the_time")


@dataclass(frozen=True, slots=True)
class Search:
    """One contribution looked for: what is `said` is complete, and it is about what was `at` the time."""

    registry: Registry
    playbook: Playbook
    said: Said
    at: datetime

    def link(self) -> Link:
        if self.said.relationship:
            return _OF_US
        for method, reason, name in self._keys():
            if found := self.registry.under(name):
                return self._one_of(found, method, reason)
        return self._by_reference() or self._by_customer() or self._of_none()

    def looked_under(self) -> set[Name]:
        """Return every name of which something that is learnt may change the link."""
        if self.said.relationship:
            return set()
        names = {name for *_, name in self._keys()} | {("reference", one) for one in self._references()}
        return names | ({("customer", self.said.customer)} if self._is_known else set())

    def within_reach(self) -> set[str]:
        """Return the instances to which any step could lead, whatever was known of them at the time."""
        if self.said.relationship:
            return set()
        found = {one for *_, name in self._keys() for one in self.registry.under(name)}
        found |= {one for named in self._references() for one in self.registry.under(("reference", named))}
        found |= {*self._nearly_named(self._theirs())}
        if not self._names_better():
            found |= {*self._theirs_as_named()}
        return {one for one in found if self.registry.instances[one].had_begun(self.at)}

    def _of_none(self) -> Link:
        if any(self.said.keys.values()) or self.said.written:
            return _UNKNOWN
        return _NONE_THEN if self._is_known else NO_LINK

    def _keys(self) -> Iterator[tuple[str, str, Name]]:
        keys = self.said.keys
        if keys["instance"]:
            yield "instance_id", "sole_carrier", ("instance", keys["instance"])
        for name in ("business_key", "order"):
            key, process = keys[name], self.said.named_with[name]
            if key and process:
                yield "business_key", "sole_carrier", ("business", process, key)
        if keys["ticket"]:
            for number, ticket in enumerate(self.registry.lives_on_as(keys["ticket"])):
                yield "ticket", "ticket_merged" if number else "sole_carrier", ("ticket", ticket)

    def _by_reference(self) -> Link | None:
        """Look for what the text names, then for what is near to that of the customer's instances that ran."""
        found = {
            instance
            for one in self._references()
            for instance in self.registry.under(("reference", one))
            if self.registry.instances[instance].had_begun(self.at) and not self._is_somebody_elses(instance)
        }
        if found:
            return self._one_of(found, "reference", "reference_in_text")
        theirs = self._that_ran(self._theirs())
        near = self._named_by_digits(theirs) or self._nearly_named(theirs)
        return _told(near, "reference", "near_reference", "several_candidates") if near else None

    def _nearly_named(self, instances: Iterable[str]) -> list[str]:
        written = self.said.written
        return [
            instance
            for instance in instances
            if written and any(is_near(written, one) for one in self.registry.references_of(instance))
        ]

    def _named_by_digits(self, instances: Iterable[str]) -> list[str]:
        written, known = self.said.written, self.registry.references_of
        return [one for one in instances if written and any(has_digits_of(written, each) for each in known(one))]

    def _by_customer(self) -> Link | None:
        """Ask for the customer's instances, where nothing better was named."""
        found = [] if self._names_better() else self._that_ran(self._theirs_as_named())
        return _told(found, "customer", "sole_candidate", "several_candidates") if found else None

    def _one_of(self, found: Collection[str], method: str, reason: str) -> Link:
        """Ask which of several ran at the time, then which is the customer's."""
        if len(found) > 1 and (ran := self._that_ran(found)):
            found, reason = ran, "ran_at_the_time" if len(ran) < len(found) else reason
        if len(found) > 1 and self._is_known:
            mine = [one for one in found if self.registry.instances[one].owner == self.said.customer]
            if len(mine) == 1 and all(self._is_somebody_elses(one) for one in found if one not in mine):
                found, reason = mine, "customer_agrees"
        return _told(found, method, reason, "shared_key")

    def _that_ran(self, found: Collection[str]) -> list[str]:
        window = self.playbook.link_window
        return [one for one in found if self.registry.instances[one].ran(self.at, window)]

    def _theirs(self) -> Collection[str]:
        return self.registry.under(("customer", self.said.customer)) if self._is_known else ()

    def _names_better(self) -> bool:
        keys = self.said.keys
        other_ticket = keys["ticket"] is not None and not self.said.own_ticket
        named = keys["instance"] or keys["business_key"] or keys["order"] or other_ticket
        return bool(named or self._references())

    def _theirs_as_named(self) -> list[str]:
        processes, instances = self._named_processes(), self.registry.instances
        return [one for one in self._theirs() if processes is None or instances[one].process[1] in processes]

    def _named_processes(self) -> Collection[str] | None:
        """Return the process that is named, else those of the touchpoint."""
        if self.said.process or not self.said.touchpoint:
            return [self.said.process] if self.said.process else None
        return self.playbook.touchpoints.get(self.said.touchpoint.casefold())

    def _references(self) -> Collection[str]:
        return references(self.said.written, self.playbook.forms)

    def _is_somebody_elses(self, instance: str) -> bool:
        owner = self.registry.instances[instance].owner
        return self._is_known and owner is not None and owner != self.said.customer

    @property
    def _is_known(self) -> bool:
        return "anonymous" not in self.said.flags


def _told(found: Collection[str], method: str, reason: str, of_several: str) -> Link:
    candidates = tuple(sorted(found)[:_MOST_CANDIDATES])
    if len(found) == 1:
        return Link(status="linked", method=method, reason=reason, candidates=candidates)
    return Link(status="ambiguous", method=method, reason=of_several, candidates=candidates)
