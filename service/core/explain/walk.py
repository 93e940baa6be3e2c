"""Facts of a feedback -> every node that the search comes by, with all that fails it.

This is the plain walk, node by node; `route` finds the same without it, and a property test holds them together. It is
for readers: its price grows with the tree.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.core.explain.document import Operand, Predicate, TriedRoute
from service.core.pipeline.rules import Rules
from service.core.playbook.conditions import Held, part_holds
from service.core.playbook.expressions import conjuncts
from service.core.playbook.lookup import Matcher, fact_of
from service.core.playbook.model import Route

# Values of a list that are written out.
_MOST_VALUES = 5
_FOUND = {Held.NO: "it does not hold", Held.ERROR: "it fails on this feedback"}


@dataclass(frozen=True, slots=True)
class Step:
    """One node: the fields of its matcher that are not met, and what its condition gave where it was asked."""

    node: Route
    parent: str | None
    unmet: tuple[str, ...]
    held: Held | None

    @property
    def matched(self) -> bool:
        return not self.unmet and self.held in (None, Held.YES)


def walk(facts: Mapping[str, Any], rules: Rules) -> list[Step]:
    """Walk the tree as the search does; a condition that fails is the last step, since it ends the search."""
    return list(_walk(rules.playbook.routes.routes, None, facts, rules))


def told(step: Step, facts: Mapping[str, Any]) -> TriedRoute:
    """Say the first predicate that failed, and of a condition which of its parts did."""
    node, failed = step.node, None
    operands: tuple[Operand, ...] = ()
    if step.unmet:
        failed = predicate(step.unmet[0], node.match[step.unmet[0]], facts)
    elif not step.matched and node.when is not None and step.held is not None:
        found = _FOUND[step.held]
        failed = Predicate(field="when", wanted=(node.when,), found=found, said=f"when: {found}")
        parts = conjuncts(node.when)
        operands = tuple(Operand(expression=one, held=part_holds(one, facts)) for one in parts if len(parts) > 1)
    return TriedRoute(route=node.id, parent=step.parent, failed=failed, operands=operands)


def predicate(name: str, wanted: tuple[str, ...], facts: Mapping[str, Any]) -> Predicate:
    found = fact_of(name, facts)
    named, further = wanted[:_MOST_VALUES], len(wanted) - _MOST_VALUES
    choice = " or ".join(one or "nothing" for one in named) or "no value at all"
    choice += f" or one of {further} others" if further > 0 else ""
    return Predicate(field=name, wanted=named, found=found, said=f"{name}: wanted {choice}, was {found or 'not known'}")


def unmet(matcher: Matcher, facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Name all fields that have none of the values wanted."""
    return tuple(name for name, wanted in matcher.items() if fact_of(name, facts) not in wanted)


def _walk(nodes: tuple[Route, ...], parent: str | None, facts: Mapping[str, Any], rules: Rules) -> Iterator[Step]:
    """Yield the steps; a failing condition is the last one of all."""
    for node in nodes:
        missing = unmet(node.match, facts)
        held = rules.holds(node.id, facts) if node.when is not None and not missing else None
        step = Step(node, parent, missing, held)
        yield step
        if held is Held.ERROR:
            return
        if step.matched:
            for below in _walk(node.routes, node.id, facts, rules):
                yield below
                if below.held is Held.ERROR:
                    return
            if not node.continue_:
                return
