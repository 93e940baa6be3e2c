"""Routing facts -> Routed: the first node of the tree that matches owns it.

Nothing falls through: the root takes the rest, 0 or several owners go to arbitration with the candidates, and a
condition that errors sends the feedback to the root's team and says so.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from service.core.identity import alert_key
from service.core.playbook.conditions import Held
from service.core.playbook.fields import CASE_FIELDS
from service.core.playbook.model import OWNER, Playbook, Route
from service.core.records.decisions import Routed, Target, Tried
from service.core.records.words import AlertKind, RouteReason

DEFAULT_GROUP = ("process", "category")
# route id, facts -> whether the route's `when` holds.
Holds = Callable[[str, Mapping[str, Any]], Held]


@dataclass(frozen=True, slots=True)
class _Found:
    node: Route
    team: str
    group_by: tuple[str, ...]


def route(facts: Mapping[str, Any], playbook: Playbook, holds: Holds) -> Routed:
    """Find the owner. `facts` holds the fields of `MATCH_FIELDS`, the case fields, and `attributes`."""
    tried: list[Tried] = []
    root = _Found(playbook.routes, str(playbook.routes.team), playbook.routes.group_by or DEFAULT_GROUP)
    try:
        found = tuple(_matching(playbook.routes.routes, root, facts, holds, tried)) or (root,)
    except _ConditionFailedError as failed:
        tried.append(Tried(route=failed.route, failed="condition_error"))
        return Routed(
            owner=_target(root, root.team, facts), reason=RouteReason.ROUTE_ERROR, tried=tuple(tried), error=True
        )
    team, reason, candidates = _owner(found[0], facts, playbook)
    if found[0] is root:
        reason = RouteReason.CATCH_ALL
    copies: dict[str, Target] = {}
    for further in found[1:]:
        copy_team = _owner(further, facts, playbook)[0]
        target = _target(further, copy_team, facts, copy=True)
        if copy_team != team:
            copies.setdefault(target.alert_key, target)
    return Routed(
        owner=_target(found[0], team, facts),
        copies=tuple(copies.values()),
        reason=reason,
        candidates=candidates,
        tried=tuple(tried),
    )


def owners(facts: Mapping[str, Any], playbook: Playbook) -> tuple[str, ...]:
    """List the teams that declare to own this, in the playbook's order."""
    return tuple(team.id for team in playbook.teams if any(_mismatch(matcher, facts) is None for matcher in team.owns))


class _ConditionFailedError(Exception):
    def __init__(self, route: str) -> None:
        super().__init__(route)
        self.route = route


def _matching(
    nodes: Iterable[Route], parent: _Found, facts: Mapping[str, Any], holds: Holds, tried: list[Tried]
) -> Iterable[_Found]:
    for node in nodes:
        failed = _failed(node, facts, holds)
        tried.append(_tried(node.id, failed))
        if failed is not None:
            continue
        here = _Found(node, node.team or parent.team, node.group_by or parent.group_by)
        deeper = tuple(_matching(node.routes, here, facts, holds, tried))
        yield from deeper or (here,)
        if not node.continue_:
            return


@lru_cache(maxsize=4_096)
def _tried(route: str, failed: str | None) -> Tried:
    """Say it with the same record each time: a feedback tries about ten nodes, and few playbooks have a hundred."""
    return Tried(route=route, failed=failed)


def _failed(node: Route, facts: Mapping[str, Any], holds: Holds) -> str | None:
    mismatch = _mismatch(node.match, facts)
    if mismatch is not None:
        return mismatch
    if node.when is None:
        return None
    match holds(node.id, facts):
        case Held.YES:
            return None
        case Held.NO:
            return "when"
        case Held.ERROR:
            raise _ConditionFailedError(node.id)


def _mismatch(matcher: Mapping[str, tuple[str, ...]], facts: Mapping[str, Any]) -> str | None:
    for name, wanted in matcher.items():
        if _fact(name, facts) not in wanted:
            return name
    return None


def _fact(name: str, facts: Mapping[str, Any]) -> str:
    known = facts.get(name)
    if known is None and name.startswith("attributes."):
        known = facts["attributes"].get(name.removeprefix("attributes."), "")
    return str(known or "")


def _owner(found: _Found, facts: Mapping[str, Any], playbook: Playbook) -> tuple[str, RouteReason, tuple[str, ...]]:
    if found.team != OWNER:
        return found.team, RouteReason.MATCHED, ()
    candidates = owners(facts, playbook)
    match len(candidates):
        case 1:
            return candidates[0], RouteReason.OWNED, candidates
        case 0:
            return playbook.routes.arbitration, RouteReason.NO_OWNER, ()
        case _:
            return playbook.routes.arbitration, RouteReason.SEVERAL_OWNERS, candidates


def _target(found: _Found, team: str, facts: Mapping[str, Any], *, copy: bool = False) -> Target:
    fields = {name: _fact(name, facts) for name in found.group_by}
    case = f"{facts['source']}\n{facts['subject']}"
    if "subject" in fields:
        # Two tools may both have a ticket 1.
        fields["subject"] = case
    if not any(fields.values()) or ("instance" in fields and not fields["instance"]):
        # A case without an instance is a case of its own: were it keyed by nothing, strangers would share an alert.
        fields["subject"] = case
    one_case = bool(CASE_FIELDS & fields.keys())
    team_in_key = copy or not one_case
    return Target(
        alert_key=alert_key(AlertKind.EVENT, fields, team=team if team_in_key else None, copy=copy),
        route=found.node.id,
        team=team,
        fields=fields,
        copy=copy,
        team_in_key=team_in_key,
    )
