"""The instances that one transaction knows -> where links are found, and what waits for more to be heard of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from service.core.records.decisions import PartKey
from service.core.records.feedback import Instance, Merge
from service.core.records.table import Table

# Of a customer who has more instances than this at a time no link is ever made by the customer alone.
MOST_KIN = 100


class People(Protocol):
    """Which pseudonyms are one person's."""

    def kin(self, ref: str) -> frozenset[str]:
        """Return the pseudonyms of the person that one is of, itself among them."""
        ...

    def walked(self, ref: str) -> frozenset[str]:
        """Return the pseudonyms of which something may be heard that changes `kin`."""
        ...


class Registry:
    """Instances by id, by the keys under which they are found, and by their customer; merged tickets; waiting feedback.

    `waits` has, by key and contribution, until when what is heard under the key decides the contribution's link anew.
    Without `people` each pseudonym is a person.
    """

    def __init__(self) -> None:
        self.instances: Table[str, Instance] = Table()
        self.holders: Table[str, frozenset[str]] = Table()
        self.merges: Table[str, Merge] = Table()
        self.waits: Table[tuple[str, PartKey], datetime] = Table()
        self.people: People | None = None
        self._kin: defaultdict[str, set[str]] = defaultdict(set)
        self._under: defaultdict[str, set[PartKey]] = defaultdict(set)

    def carriers(self, key: str) -> Sequence[Instance]:
        """The instances registered under a key, in order of their ids."""
        return [self.instances[name] for name in sorted(self.holders.get(key) or ())]

    def kin(self, customer: str) -> Sequence[Instance]:
        """The customer's instances around the times that were asked for, in order of their ids."""
        found = (self.instances[name] for name in sorted(self._kin.get(customer, ())))
        return [one for one in found if one.customer == customer]

    def person(self, customer: str) -> tuple[str, ...]:
        """The pseudonyms of the customer's person, in order."""
        return (customer,) if self.people is None else tuple(sorted(self.people.kin(customer)))

    def watched(self, customer: str) -> tuple[str, ...]:
        """The pseudonyms of which something may be heard that matters to the customer's links, in order."""
        return (customer,) if self.people is None else tuple(sorted(self.people.walked(customer)))

    def put(self, instance: Instance, keys: Iterable[str]) -> None:
        """Write an instance, under keys of which it is known who else carries them."""
        name = instance.instance_id
        self.instances.put(name, instance)
        if instance.customer is not None:
            self._kin[instance.customer].add(name)
        for key in keys:
            holders = self.holders.get(key) or frozenset()
            if name not in holders:
                self.holders.put(key, holders | {name})

    def wait(self, key: str, part: PartKey, until: datetime) -> None:
        known = self.waits.get((key, part))
        if known is None or known < until:
            self.waits.put((key, part), until)
            self._under[key].add(part)

    def waiting(self, keys: Iterable[str], now: datetime) -> Sequence[PartKey]:
        """Name the contributions that still wait under any of these keys, in order."""
        return sorted({part for key in keys for part in self._under.get(key, ()) if self.waits[key, part] >= now})

    def until(self, keys: Iterable[str], part: PartKey) -> datetime:
        """Say until when a contribution waits that is known to wait under one of these keys."""
        return max(at for key in keys if (at := self.waits.get((key, part))) is not None)

    def load_instances(self, rows: Mapping[str, Instance], kin: Iterable[tuple[str, str]] = ()) -> None:
        """Add instances, and whose they are: (customer, instance id)."""
        self.instances.load(rows)
        for customer, name in kin:
            self._kin[customer].add(name)

    def load_waits(self, rows: Mapping[tuple[str, PartKey], datetime]) -> None:
        self.waits.load(rows)
        for key, part in rows:
            self._under[key].add(part)
