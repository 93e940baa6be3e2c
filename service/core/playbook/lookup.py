"""Matchers in order -> Lookup: which of them the facts of one feedback meet, found without asking each.

Every matcher lies under the values of its fields, so that one look per set of fields finds all that hold. It refuses
nothing: a field that is not known is "", and a matcher that wants no value of a field is never met.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from math import prod
from typing import Any

from service.core.playbook.fields import ATTRIBUTES

Matcher = Mapping[str, tuple[str, ...]]
Fields = tuple[str, ...]
# A set of fields, and the places of the matchers under each combination of their values.
_Indexed = tuple[Fields, Mapping[Fields, Sequence[int]]]

# Combinations of values under which one matcher lies at the most; fields beyond that are compared when it is found.
_MOST_KEYS = 64
# Sets of fields that are looked under at one go; with more of them each matcher lies under its rarest field alone.
_MOST_SETS = 24


class Lookup:
    """The matchers' places count from 0, in the order in which they were given."""

    def __init__(self, matchers: Sequence[Matcher]) -> None:
        self.fields = frozenset(name for one in matchers for name in one)
        self._everything = tuple(at for at, one in enumerate(matchers) if not one)
        chosen = {at: _fitting(one) for at, one in enumerate(matchers) if one}
        if len(set(chosen.values())) > _MOST_SETS:
            counts = Counter(pair for one in matchers for pair in _pairs(one))
            chosen = {at: (_rarest(matchers[at], counts),) for at in chosen}
        found: dict[Fields, dict[Fields, list[int]]] = defaultdict(lambda: defaultdict(list))
        self._rest: dict[int, Matcher] = {}
        for at, fields in chosen.items():
            matcher = matchers[at]
            for values in product(*(dict.fromkeys(matcher[name]) for name in fields)):
                found[fields][values].append(at)
            if len(fields) < len(matcher):
                self._rest[at] = {name: wanted for name, wanted in matcher.items() if name not in fields}
        self._always: list[_Indexed] = []
        # Sets of fields with an attribute that has to be there: nobody looks under them where it is not.
        self._given: dict[str, list[_Indexed]] = {}
        for fields, by_values in found.items():
            place = next((place for place, name in enumerate(fields) if name.startswith(ATTRIBUTES)), None)
            if place is None or any(not values[place] for values in by_values):
                self._always.append((fields, dict(by_values)))
            else:
                name = fields[place].removeprefix(ATTRIBUTES)
                self._given.setdefault(name, []).append((fields, dict(by_values)))

    def met(self, facts: Mapping[str, Any]) -> Iterator[int]:
        """Yield the places of the matchers that hold, in order. `facts` is as `fact_of` takes it."""
        groups = [self._everything, *_under(self._always, facts)]
        if self._given:
            for name in facts["attributes"]:
                groups.extend(_under(self._given.get(name, ()), facts))
        held = [group for group in groups if group]
        for at in held[0] if len(held) == 1 else sorted(chain.from_iterable(held)):
            rest = self._rest.get(at)
            if rest is None or mismatch(rest, facts) is None:
                yield at


def mismatch(matcher: Matcher, facts: Mapping[str, Any]) -> str | None:
    """Name the first field whose value is not one of those that the matcher wants."""
    for name, wanted in matcher.items():
        if fact_of(name, facts) not in wanted:
            return name
    return None


def fact_of(name: str, facts: Mapping[str, Any]) -> str:
    """Read a field of `MATCH_FIELDS`, a case field or `attributes.<name>`; what is not known is ""."""
    known = facts.get(name)
    if known is None and name.startswith(ATTRIBUTES):
        known = facts["attributes"].get(name.removeprefix(ATTRIBUTES), "")
    return str(known or "")


def _under(indexed: Sequence[_Indexed], facts: Mapping[str, Any]) -> Iterator[Sequence[int]]:
    for fields, by_values in indexed:
        yield by_values.get(tuple([fact_of(name, facts) for name in fields]), ())


def _pairs(matcher: Matcher) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, wanted in matcher.items() for value in dict.fromkeys(wanted))


def _fitting(matcher: Matcher) -> Fields:
    """Take as many fields as fit, those with the fewest values first; always one."""
    by_size = sorted(matcher, key=lambda name: (len(matcher[name]), name))
    most = len(by_size)
    while most > 1 and prod(len(matcher[name]) for name in by_size[:most]) > _MOST_KEYS:
        most -= 1
    return tuple(sorted(by_size[:most]))


def _rarest(matcher: Matcher, counts: Mapping[tuple[str, str], int]) -> str:
    return min(matcher, key=lambda name: (sum(counts[name, value] for value in dict.fromkeys(matcher[name])), name))
