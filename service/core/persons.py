"""Evidence and splits -> whose references are one person's, and why: the rule of deploy/docs/identity.md.

It is worked out from the set of evidence alone, so that no order matters. Nothing is refused: what can not be one
person's stands by itself, with the reason.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from itertools import combinations
from typing import TypeAlias

from service.core.records.identities import Evidence, IdentityRule, JoinReason, Reference, Split

Span: TypeAlias = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a reference belongs to, in order, and why; nothing where it stands by itself."""

    reason: JoinReason
    to: tuple[Reference, ...] = ()


class Way(IntEnum):
    """How a walk came to a reference, and so which way it goes on: a person is found upwards, then downwards.

    What is found on the way down may belong to somebody else, which is asked of what is above it.
    """

    UP = 0
    DOWN = 1
    ASKED = 2


class Persons:
    """Evidence of which all is loaded that the references asked for hang on; `walked` names what that is."""

    def __init__(self, rule: IdentityRule, evidence: Iterable[Evidence], splits: Iterable[Split]) -> None:
        self.rule = rule
        self._rank = {name: rank for rank, name in enumerate(rule.precedence)}
        self._seen: dict[Reference, dict[str, set[Reference]]] = {}
        self._types: dict[str, set[Reference]] = {}
        self._split: set[tuple[str, str]] = set()
        self._parted: set[str] = set()
        self._standings: dict[Reference, Standing] = {}
        for split in splits:
            if split.lifted_at is None:
                self._split |= {split.pair, split.pair[::-1]}
                self._parted.add(split.ref)
        for one in evidence:
            self.add(one)

    def add(self, evidence: Evidence) -> None:
        """Take one more into account."""
        for one, other in (evidence.pair, evidence.pair[::-1]):
            if one.type in self._rank and other.type in self._rank:
                self._types.setdefault(one.ref, set()).add(one)
                if (one.ref, other.ref) not in self._split:
                    self._seen.setdefault(one, {}).setdefault(other.type, set()).add(other)
        self._standings.clear()

    def standing(self, reference: Reference) -> Standing:
        known = self._standings.get(reference)
        if known is None:
            known = self._standings[reference] = self._stand(reference)
        return known

    def head(self, reference: Reference) -> Reference:
        """Return the reference of the person that stands by itself."""
        while to := self.standing(reference).to:
            reference = to[0]
        return reference

    def person(self, reference: Reference) -> tuple[Reference, ...]:
        """Return all references of the person, the best first."""
        found, asked = set[Reference](), [self.head(reference)]
        while asked:
            one = asked.pop()
            found.add(one)
            asked += (below for below in self._below(one) if one in self.standing(below).to and below not in found)
        return tuple(sorted(found, key=lambda each: (self._rank.get(each.type, len(self._rank)), each)))

    def references(self, ref: str) -> tuple[Reference, ...]:
        """Return what the evidence names by a pseudonym: one reference for each type."""
        return tuple(sorted(self._types.get(ref, ())))

    def kin(self, ref: str) -> frozenset[str]:
        """Return the pseudonyms of the person that a pseudonym is of, itself among them."""
        return frozenset({ref, *(one.ref for each in self.references(ref) for one in self.person(each))})

    def walked(self, ref: str) -> frozenset[str]:
        """Return the pseudonyms that `kin` depends on: evidence that changes it names one of them."""
        found = walk((Reference(name, ref) for name in self.rule.precedence), self._seen_of, self.rule)
        return frozenset({ref, *(one.ref for one in found)})

    def _stand(self, reference: Reference) -> Standing:
        passed_over = JoinReason.SPLIT if reference.ref in self._parted else JoinReason.FOREMOST
        for name in self.rule.precedence[: self._rank.get(reference.type, 0)]:
            seen = self._seen_of(reference, name)
            if len(seen) > self.rule.shared_above:
                return Standing(reason=JoinReason.CONTESTED)
            own = [one for one in seen if len(self._seen_of(one, reference.type)) <= self.rule.shared_above]
            left = sorted(one for one in own if not self._is_parted(reference, one))
            if seen and not left:
                passed_over = JoinReason.SPLIT if own else JoinReason.SHARED
            if left:
                return self._of(left)
        return Standing(reason=passed_over)

    def _of(self, owners: list[Reference]) -> Standing:
        heads = {self.head(one) for one in owners}
        if len(heads) > 1:
            return Standing(reason=JoinReason.CONTESTED)
        if self.standing(next(iter(heads))).reason is JoinReason.CONTESTED:
            return Standing(reason=JoinReason.UNCERTAIN)
        reason = JoinReason.SEEN_TOGETHER if len(owners) == 1 else JoinReason.SAME_PERSON
        return Standing(reason=reason, to=tuple(owners))

    def above(self, references: Iterable[Reference]) -> set[Reference]:
        """Return what references belong to, by however many steps, with themselves."""
        found: set[Reference] = set()
        asked = set(references)
        while asked:
            found |= asked
            asked = {over for one in asked for over in self.standing(one).to} - found
        return found

    def _is_parted(self, reference: Reference, owner: Reference) -> bool:
        return any((reference.ref, one.ref) in self._split for one in self.above((owner,)))

    def _below(self, reference: Reference) -> Iterator[Reference]:
        for name in self.rule.precedence[self._rank.get(reference.type, len(self._rank)) + 1 :]:
            yield from self._seen_of(reference, name)

    def _seen_of(self, reference: Reference, name: str) -> set[Reference]:
        return self._seen.get(reference, {}).get(name, set())


def walk(
    starts: Iterable[Reference], seen: Callable[[Reference, str], Iterable[Reference]], rule: IdentityRule
) -> set[Reference]:
    """Return the references that the persons of `starts` hang on; `seen` gives by type what each was seen with.

    Where that is more than `shared_above`, it leads no further: how many they are is all that is asked of them.
    """
    rank = {name: at for at, name in enumerate(rule.precedence)}
    asked = [(one, Way.UP) for one in starts if one.type in rank]
    found = set(asked)
    while asked:
        reference, way = asked.pop()
        for name in rule.precedence:
            up = rank[name] < rank[reference.type]
            on = (way if way is Way.UP else Way.ASKED) if up else Way.DOWN
            others = tuple(seen(reference, name))
            if (way is Way.ASKED and not up) or len(others) > rule.shared_above:
                continue
            fresh = {(one, on) for one in others} - found
            found |= fresh
            asked += fresh
    return {reference for reference, _ in found}


def spread(spans: Mapping[str, Span], people: Persons, joined: Iterable[str]) -> dict[str, Span]:
    """Widen the span of each customer to all that its person hangs on, and to all that is being `joined` to it."""
    joining = {one for ref in joined for one in people.walked(ref)}
    found: dict[str, Span] = {}
    for name, (low, high) in spans.items():
        mine = people.walked(name)
        for one in mine | joining if mine & joining else mine:
            known = found.get(one, (low, high))
            found[one] = (min(low, known[0]), max(high, known[1]))
    return dict(sorted(found.items()))


def evidence_of(
    references: Iterable[Reference], rule: IdentityRule, told: Callable[[Reference, Reference], Evidence]
) -> tuple[Evidence, ...]:
    """List what an event says by naming these references: each two of different listed types are one person's."""
    listed = sorted({one for one in references if one.type in rule.precedence})
    return tuple(told(one, other) for one, other in combinations(listed, 2) if one.type != other.type)
