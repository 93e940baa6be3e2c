"""Who owns a feedback, by the first node of the tree that matches, children before siblings; and who gets copies."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.playbook import Playbook

Facts = Mapping[str, str | None]
_CASES = {"instance", "subject", "customer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An alert that a feedback belongs to, by its dedup key."""

    key: str
    team: str
    route: str
    copy: bool
    teamed: bool


def route(facts: Facts, playbook: Playbook) -> tuple[Target, ...]:
    """Return the owner's target, then one for each copy to another team."""
    root = playbook.routes
    found = _matching(root["routes"], root, facts) or [root]
    owner = _target(found[0], facts, playbook, copy=False)
    targets = {owner.key: owner}
    for node in found[1:]:
        copy = _target(node, facts, playbook, copy=True)
        if copy.team != owner.team:
            targets.setdefault(copy.key, copy)
    return tuple(targets.values())


def dedup_key(kind: str, fields: Mapping[str, str], team: str | None, *, copy: bool = False) -> str:
    parts: dict[str, Any] = {"kind": kind, "fields": fields}
    if team is not None:
        parts["team"] = team
    if copy:
        parts["copy"] = True
    canonical = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "v1:" + hashlib.sha256(canonical.encode()).hexdigest()


def _matching(nodes: Sequence[Mapping[str, Any]], parent: Mapping[str, Any], facts: Facts) -> list[Mapping[str, Any]]:
    """Return the nodes that match, each with what it inherits, up to the first that does not say `continue`."""
    found = []
    for node in nodes:
        if not _holds(node, facts):
            continue
        whole = {"team": parent["team"], "group_by": parent["group_by"], **node}
        found += _matching(node.get("routes", ()), whole, facts) or [whole]
        if not node.get("continue", False):
            break
    return found


def _holds(node: Mapping[str, Any], facts: Facts) -> bool:
    condition = node.get("when")
    if condition is not None and condition != 'feedback.process != ""':
        raise ValueError(f"a condition that the oracle does not know: {condition}")
    return _matches(node.get("match", {}), facts) and (condition is None or facts["process"] != "")


def _matches(wanted: Mapping[str, Any], facts: Facts) -> bool:
    return all(facts[name] in (values if isinstance(values, list) else [values]) for name, values in wanted.items())


def _target(node: Mapping[str, Any], facts: Facts, playbook: Playbook, *, copy: bool) -> Target:
    team = node["team"]
    if team == "owner":
        owners = [one["id"] for one in playbook.teams if any(_matches(owned, facts) for owned in one.get("owns", ()))]
        team = owners[0] if len(owners) == 1 else playbook.routes["arbitration"]
    fields = {name: facts[name] or "" for name in node["group_by"]}
    if not any(fields.values()) or fields.get("instance") == "":
        fields["subject"] = facts["subject"] or ""
    teamed = copy or not (_CASES & set(fields))
    return Target(
        key=dedup_key("event", fields, team if teamed else None, copy=copy),
        team=team,
        route=node["id"],
        copy=copy,
        teamed=teamed,
    )
