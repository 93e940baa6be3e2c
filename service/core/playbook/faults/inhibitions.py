"""Inhibitions that can hold nothing back, hold back themselves or one another, or have a source that is no review.

Whatever holds others back must be heard itself: a chain that leads back to where it began would end in silence.
"""

from collections.abc import Iterator, Mapping, Sequence

from service.core.playbook.attention import Inhibition
from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.model import Playbook
from service.core.records.words import UNMAPPED, AlertKind

_SOURCES = {kind.value for kind in AlertKind if kind.is_review}
_Matcher = Mapping[str, tuple[str, ...]]


def inhibition_faults(playbook: Playbook) -> Iterator[Fault]:
    rules = playbook.inhibit
    for at, rule in enumerate(rules):
        path: Path = ("inhibit", at)
        if rule.id in [other.id for other in rules[:at]]:
            yield Fault(
                path=(*path, "id"), message=f"{rule.id!r} is taken already; give each inhibition an id of its own"
            )
        if not set(rule.source.get("kind", ())) <= _SOURCES or "kind" not in rule.source:
            message = f"kind: only a review speaks for others; name one or both of {', '.join(sorted(_SOURCES))}"
            yield Fault(path=(*path, "source"), message=message)
        for side, matcher in (("source", rule.source), ("target", rule.target)):
            yield from _names((*path, side), matcher, playbook)
        if _can_meet(rule.source, rule.target):
            message = (
                "can match the review itself, which would hold itself back; narrow source or target by kind or level"
            )
            yield Fault(path=path, message=message)
    for loop in _loops(rules):
        names = " -> ".join(rules[at].id for at in (*loop, loop[0]))
        message = f"hold one another back: {names}; take out one of them, or narrow its target"
        yield Fault(path=("inhibit", loop[0]), message=message)


def _names(path: Path, matcher: _Matcher, playbook: Playbook) -> Iterator[Fault]:
    known = {
        "team": tuple(team.id for team in playbook.teams),
        "process": tuple(process.id for process in playbook.processes),
        "category": (*(category.id for category in playbook.taxonomy), UNMAPPED),
    }
    for field, names in known.items():
        yield from (unknown((*path, field), field, name, names) for name in matcher.get(field, ()) if name not in names)


def _can_meet(one: _Matcher, other: _Matcher) -> bool:
    """Tell whether one alert can match both; what only one of them asks for does not keep them apart."""
    return all(set(one[name]) & set(other[name]) for name in one.keys() & other.keys())


def _loops(rules: Sequence[Inhibition]) -> Iterator[tuple[int, ...]]:
    """Find chains of two or more rules that lead back to the first, each once, from its first rule on."""
    leads = [
        [to for to, other in enumerate(rules) if to != at and _can_meet(rule.target, other.source)]
        for at, rule in enumerate(rules)
    ]
    for start in range(len(rules)):
        came: dict[int, int] = {start: start}
        waiting = [start]
        while waiting:
            at = waiting.pop(0)
            if start in leads[at] and at != start:
                chain = [at]
                while chain[-1] != start:
                    chain.append(came[chain[-1]])
                yield tuple(reversed(chain))
                return
            for to in leads[at]:
                if to > start and to not in came:
                    came[to] = at
                    waiting.append(to)
