"""The routing tree walked node by node, every sibling asked in turn: what the compiled tree has to agree with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.core.identity import alert_key
from service.core.playbook.conditions import Held
from service.core.playbook.fields import CASE_FIELDS
from service.core.playbook.model import OWNER, Playbook, Route
from service.core.records.decisions import Routed, Target, Tried
from service.core.records.words import AlertKind, RouteReason
from service.core.route import DEFAULT_GROUP, Holds


@dataclass(frozen=True, slots=True)
class Found:
    node: Route
    team: str
    group_by: tuple[str, ...]


class ConditionFailedError(Exception):
    pass


def plain_route(facts: Mapping[str, Any], playbook: Playbook, holds: Holds) -> Routed:
    """Route one feedback; `tried` has every node that was asked, with the first predicate that failed."""
    tried: list[Tried] = []
    root = Found(playbook.routes, str(playbook.routes.team), playbook.routes.group_by or DEFAULT_GROUP)
    try:
        found = list(_matching(playbook.routes.routes, root, facts, holds, tried)) or [root]
    except ConditionFailedError:
        owner = _target(root, root.team, facts)
        return Routed(owner=owner, reason=RouteReason.ROUTE_ERROR, tried=tuple(tried), error=True)
    team, reason, candidates = _owner(found[0], facts, playbook)
    copies: dict[str, Target] = {}
    for further in found[1:]:
        copy = _target(further, _owner(further, facts, playbook)[0], facts, copy=True)
        if copy.team != team:
            copies.setdefault(copy.alert_key, copy)
    return Routed(
        owner=_target(found[0], team, facts),
        copies=tuple(copies.values()),
        reason=RouteReason.CATCH_ALL if found[0] is root else reason,
        candidates=candidates,
        tried=tuple(tried),
    )


def plain_owners(facts: Mapping[str, Any], playbook: Playbook) -> tuple[str, ...]:
    return tuple(team.id for team in playbook.teams if any(failing(one.match, facts) is None for one in team.owns))


def failing(matcher: Mapping[str, tuple[str, ...]], facts: Mapping[str, Any]) -> str | None:
    """Name the first field that has none of the values wanted."""
    return next((name for name, wanted in matcher.items() if _fact(name, facts) not in wanted), None)


def _matching(
    nodes: tuple[Route, ...], parent: Found, facts: Mapping[str, Any], holds: Holds, tried: list[Tried]
) -> Iterator[Found]:
    for node in nodes:
        failed = failing(node.match, facts)
        if failed is None and node.when is not None:
            held = holds(node.id, facts)
            if held is Held.ERROR:
                tried.append(Tried(route=node.id, failed="condition_error"))
                raise ConditionFailedError
            failed = None if held is Held.YES else "when"
        tried.append(Tried(route=node.id, failed=failed))
        if failed is None:
            here = Found(node, node.team or parent.team, node.group_by or parent.group_by)
            yield from list(_matching(node.routes, here, facts, holds, tried)) or [here]
            if not node.continue_:
                return


def _fact(name: str, facts: Mapping[str, Any]) -> str:
    if name.startswith("attributes."):
        return str(facts["attributes"].get(name.removeprefix("attributes.")) or "")
    return str(facts.get(name) or "")


def _owner(found: Found, facts: Mapping[str, Any], playbook: Playbook) -> tuple[str, RouteReason, tuple[str, ...]]:
    if found.team != OWNER:
        return found.team, RouteReason.MATCHED, ()
    candidates = plain_owners(facts, playbook)
    if len(candidates) == 1:
        return candidates[0], RouteReason.OWNED, candidates
    reason = RouteReason.SEVERAL_OWNERS if candidates else RouteReason.NO_OWNER
    return playbook.routes.arbitration, reason, candidates


def _target(found: Found, team: str, facts: Mapping[str, Any], *, copy: bool = False) -> Target:
    fields = {name: _fact(name, facts) for name in found.group_by}
    nameless = not any(fields.values()) or fields.get("instance") == ""
    if nameless or "subject" in fields:
        fields["subject"] = f"{facts['source']}\n{facts['subject']}"
    team_in_key = copy or not CASE_FIELDS & fields.keys()
    return Target(
        alert_key=alert_key(AlertKind.EVENT, fields, team=team if team_in_key else None, copy=copy),
        route=found.node.id,
        team=team,
        fields=fields,
        copy=copy,
        team_in_key=team_in_key,
    )
