"""Routing facts -> Routed: the first node of the tree that matches owns it.

Nothing falls through: the root takes the rest, 0 or several owners go to arbitration with the candidates, and a
condition that errors sends the feedback to the root's team and says so. Matchers are looked up, however many there are;
a condition is asked only where its node's matcher holds.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from service.core.identity import alert_key
from service.core.playbook.conditions import Held
from service.core.playbook.fields import CASE_FIELDS
from service.core.playbook.lookup import Lookup, fact_of
from service.core.playbook.model import OWNER, Playbook, Route
from service.core.playbook.ownership import Ownership
from service.core.records.decisions import Routed, Target, Tried
from service.core.records.words import AlertKind, RouteReason

DEFAULT_GROUP = ("process", "category")
# Nodes that a decision names as looked at: the first, and the last of all; further ones are counted.
MOST_TRIED = 20
# route id, facts -> whether the route's `when` holds.
Holds = Callable[[str, Mapping[str, Any]], Held]
# Keys that are remembered, each of some hundred bytes.
_REMEMBERED = 4_096


@dataclass(frozen=True, slots=True)
class _Node:
    """A node with what it inherits; `met` and `unmet` are what is said of it when it was looked at."""

    id: str
    team: str
    group_by: tuple[str, ...]
    conditional: bool
    goes_on: bool
    below: "_Level"
    met: Tried
    unmet: Tried


@dataclass(frozen=True, slots=True)
class _Level:
    """Siblings in order, and the look-up of their matchers."""

    nodes: tuple[_Node, ...]
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class RouteTree:
    """The routes of a playbook and what its teams own, ready to be looked up; `claims` names each owner in order."""

    root: _Node
    arbitration: str
    claims: tuple[tuple[str, Ownership], ...]
    claimed: Lookup

    @property
    def fields(self) -> frozenset[str]:
        """What any matcher asks for."""
        return self.claimed.fields | _fields(self.root.below)


def compile_routes(playbook: Playbook) -> RouteTree:
    """Compile the tree; every node is given its parent's team and key where it has none of its own."""
    root = playbook.routes
    claims = tuple((team.id, one) for team in playbook.teams for one in team.owns)
    return RouteTree(
        root=_node(root, str(root.team), root.group_by or DEFAULT_GROUP),
        arbitration=root.arbitration,
        claims=claims,
        claimed=Lookup([one.match for _, one in claims]),
    )


@dataclass(frozen=True, slots=True)
class Found:
    """Which nodes get a feedback, the owner's first, each with its team; and why."""

    nodes: tuple[tuple[_Node, str], ...]
    reason: RouteReason
    candidates: tuple[str, ...]
    tried: tuple[Tried, ...]
    ruled_out: int
    error: bool = False


def route(facts: Mapping[str, Any], tree: RouteTree, holds: Holds, at: datetime) -> Routed:
    """Find the owner at an instant. `facts` holds the fields of `MATCH_FIELDS`, the case fields, and `attributes`."""
    return routed(search(facts, tree, holds, at), facts)


def search(facts: Mapping[str, Any], tree: RouteTree, holds: Holds, at: datetime) -> Found:
    root, trail = tree.root, _Trail()
    try:
        found = tuple(_matching(root.below, facts, holds, trail)) or (root,)
    except _ConditionFailedError as failed:
        trail.seen.append(Tried(route=failed.route, failed="condition_error"))
        tried, ruled_out = trail.told()
        return Found(((root, root.team),), RouteReason.ROUTE_ERROR, (), tried, ruled_out, error=True)
    team, reason, candidates = _owner(found[0], facts, tree, at)
    if found[0] is root:
        reason = RouteReason.CATCH_ALL
    further = tuple((one, _owner(one, facts, tree, at)[0]) for one in found[1:])
    return Found(((found[0], team), *further), reason, candidates, *trail.told())


def routed(found: Found, facts: Mapping[str, Any]) -> Routed:
    node, team = found.nodes[0]
    copies: dict[str, Target] = {}
    for further, copy_team in found.nodes[1:]:
        target = _target(further, copy_team, facts, copy=True)
        if copy_team != team:
            copies.setdefault(target.alert_key, target)
    return Routed(
        owner=_target(node, team, facts),
        copies=tuple(copies.values()),
        reason=found.reason,
        candidates=found.candidates,
        tried=found.tried,
        ruled_out=found.ruled_out,
        error=found.error,
    )


def owners(facts: Mapping[str, Any], tree: RouteTree, at: datetime) -> tuple[str, ...]:
    """List the teams that declare to own this at an instant, in the playbook's order."""
    claims = (tree.claims[place] for place in tree.claimed.met(facts))
    return tuple(dict.fromkeys(team for team, one in claims if one.holds(at)))


class _ConditionFailedError(Exception):
    def __init__(self, route: str) -> None:
        super().__init__(route)
        self.route = route


@dataclass(slots=True)
class _Trail:
    """What was looked at, and how many nodes the search came past whose matchers do not hold."""

    seen: list[Tried] = field(default_factory=list)
    passed: int = 0

    def told(self) -> tuple[tuple[Tried, ...], int]:
        if len(self.seen) <= MOST_TRIED:
            return tuple(self.seen), self.passed
        return (*self.seen[: MOST_TRIED - 1], self.seen[-1]), self.passed + len(self.seen) - MOST_TRIED


def _node(node: Route, team: str, group_by: tuple[str, ...]) -> _Node:
    team, group_by = node.team or team, node.group_by or group_by
    return _Node(
        id=node.id,
        team=team,
        group_by=group_by,
        conditional=node.when is not None,
        goes_on=node.continue_,
        below=_Level(
            nodes=tuple(_node(child, team, group_by) for child in node.routes),
            lookup=Lookup([child.match for child in node.routes]),
        ),
        met=Tried(route=node.id),
        unmet=Tried(route=node.id, failed="when"),
    )


def _matching(level: _Level, facts: Mapping[str, Any], holds: Holds, trail: _Trail) -> Iterator[_Node]:
    come_to = 0
    for at in level.lookup.met(facts):
        node = level.nodes[at]
        trail.passed += at - come_to
        come_to = at + 1
        if node.conditional and not _holds(node, facts, holds):
            trail.seen.append(node.unmet)
            continue
        trail.seen.append(node.met)
        deeper = tuple(_matching(node.below, facts, holds, trail)) if node.below.nodes else ()
        yield from deeper or (node,)
        if not node.goes_on:
            return
    trail.passed += len(level.nodes) - come_to


def _holds(node: _Node, facts: Mapping[str, Any], holds: Holds) -> bool:
    match holds(node.id, facts):
        case Held.YES:
            return True
        case Held.NO:
            return False
        case Held.ERROR:
            raise _ConditionFailedError(node.id)


def _owner(
    found: _Node, facts: Mapping[str, Any], tree: RouteTree, at: datetime
) -> tuple[str, RouteReason, tuple[str, ...]]:
    if found.team != OWNER:
        return found.team, RouteReason.MATCHED, ()
    candidates = owners(facts, tree, at)
    match len(candidates):
        case 1:
            return candidates[0], RouteReason.OWNED, candidates
        case 0:
            return tree.arbitration, RouteReason.NO_OWNER, ()
        case _:
            return tree.arbitration, RouteReason.SEVERAL_OWNERS, candidates


def _target(found: _Node, team: str, facts: Mapping[str, Any], *, copy: bool = False) -> Target:
    fields = {name: fact_of(name, facts) for name in found.group_by}
    case = f"{facts['source']}\n{facts['subject']}"
    if "subject" in fields:
        # Two tools may both have a ticket 1.
        fields["subject"] = case
    if not any(fields.values()) or ("instance" in fields and not fields["instance"]):
        # A case without an instance is a case of its own: were it keyed by nothing, strangers would share an alert.
        fields["subject"] = case
    return _keyed(found.id, team, tuple(fields.items()), copy)


@lru_cache(maxsize=_REMEMBERED)
def _keyed(route: str, team: str, fields: tuple[tuple[str, str], ...], copy: bool) -> Target:  # noqa: FBT001
    one_case = any(name in CASE_FIELDS for name, _ in fields)
    team_in_key = copy or not one_case
    named = dict(fields)
    return Target(
        alert_key=alert_key(AlertKind.EVENT, named, team=team if team_in_key else None, copy=copy),
        route=route,
        team=team,
        fields=named,
        copy=copy,
        team_in_key=team_in_key,
    )


def _fields(level: _Level) -> frozenset[str]:
    return level.lookup.fields.union(*(_fields(node.below) for node in level.nodes))
