"""A contribution, the alert that holds it and a playbook -> Why: the explanation, and what would have had to differ.

The same over HTTP and from the command line. It decides nothing: everything is computed anew from what is stored.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from service.core.explain.again import AS_STORED, Again, again
from service.core.explain.differ import alert_differs, owner_differs, sooner, verdict_differs
from service.core.explain.document import (
    Claim,
    CopyTold,
    Differences,
    Moved,
    Muted,
    OwnerTold,
    RoutesTold,
    SeverityTold,
    Standing,
    TimersTold,
    Why,
)
from service.core.explain.heard import category, category_differs
from service.core.explain.held import muted
from service.core.explain.timing import hashed, home, key, timers
from service.core.explain.walk import Step, told, unmet, walk
from service.core.pipeline.rules import Rules
from service.core.playbook.ownership import Ownership
from service.core.records.alerts import Alert
from service.core.records.decisions import Contribution
from service.core.records.muting import Muters
from service.core.records.words import RouteReason, Verdict

__all__ = ["MOST_ROUTES", "Muted", "TimersTold", "Why", "category", "explain", "hashed", "muted", "timers"]

# Nodes that an explanation lists; further ones are counted.
MOST_ROUTES = 200
_MOST_CANDIDATES = 20


def explain(
    one: Contribution,
    rules: Rules,
    at: datetime,
    decided: Mapping[str, Any],
    alert: Alert | None,
    muters: Muters,
    *,
    asked_at: bool = False,
) -> Why:
    """Explain a contribution under `rules`; `decided` is the feedback's stored line, `alert` holds it, if one does.

    `muters` is what was found in force; whether it holds the alert back is asked as of `at`.

    A feedback is too old where it was when it came, or, with `asked_at`, where it is at `at`.
    """
    found = again(one, rules)
    steps = walk(found.facts, rules)
    held = timers(found.routed.owner.route if alert is None else alert.route, alert, rules)
    silent = muted(alert, at, muters, rules)
    standing = _standing(one, found, rules, at if asked_at else None, decided)
    return Why(
        playbook=rules.digest,
        at=at,
        standing=standing,
        category=category(one.categorised),
        severity=SeverityTold(
            severity=found.assessed.severity,
            score=found.assessed.score,
            negative=found.assessed.negative,
            override=found.assessed.override,
            contacts=found.assessed.contacts,
            parts=found.assessed.parts,
            sources=found.assessed.sources,
            conflict=found.assessed.conflict,
        ),
        routes=_routes(found, steps, rules),
        key=key(found.routed.owner),
        alert=None if alert is None else home(alert, found.routed.owner),
        timers=held,
        muted=silent,
        would_differ_if=Differences(
            category=category_differs(one.categorised, rules),
            verdict=verdict_differs(one, found, standing, rules),
            owner=owner_differs(found, steps, rules),
            alert=alert_differs(found, alert),
            sooner=sooner(alert, held, silent),
        ),
        moved=tuple(_moved(one, found)),
        as_stored=AS_STORED,
    )


def _standing(
    one: Contribution, found: Again, rules: Rules, at: datetime | None, decided: Mapping[str, Any]
) -> Standing:
    fatigue = rules.playbook.fatigue
    if not found.assessed.negative:
        return Standing.NOT_NEGATIVE
    if found.assessed.severity.rank < rules.floor(found.routed.owner.route).rank:
        return Standing.BELOW_FLOOR
    if at is None:
        stale = decided.get("verdict") == Verdict.STALE.value
    else:
        stale = at - one.feedback.occurred_at > fatigue.stale_after
    return Standing.TOO_OLD if stale else Standing.ALERT


def _routes(found: Again, steps: list[Step], rules: Rules) -> RoutesTold:
    routed = found.routed
    claims = tuple(
        Claim(team=team.id, owns=next(one.match for one in team.owns if _claims(one, found)))
        for team in rules.playbook.teams
        if team.id in routed.candidates[:_MOST_CANDIDATES]
    )
    return RoutesTold(
        tried=tuple(told(step, found.facts) for step in steps[:MOST_ROUTES]),
        total=len(steps),
        owner=OwnerTold(
            team=routed.owner.team,
            route=routed.owner.route,
            reason=routed.reason,
            said=_said(found, steps),
            candidates=claims,
        ),
        copies=tuple(CopyTold(team=one.team, route=one.route) for one in routed.copies),
    )


def _claims(one: Ownership, found: Again) -> bool:
    return one.holds(found.at) and not unmet(one.match, found.facts)


def _said(found: Again, steps: list[Step]) -> str:
    routed = found.routed
    match routed.reason:
        case RouteReason.MATCHED:
            return f"{routed.owner.route} is the first that matched, and names the team"
        case RouteReason.CATCH_ALL:
            return "nothing matched, so the root has it"
        case RouteReason.OWNED:
            return f"{routed.owner.route} leaves it to whoever owns the matter, and one team does"
        case RouteReason.NO_OWNER:
            return f"{routed.owner.route} leaves it to whoever owns the matter, and no team does: arbitration decides"
        case RouteReason.SEVERAL_OWNERS:
            several = len(routed.candidates)
            return f"{routed.owner.route} leaves it to whoever owns the matter, and {several} teams do: arbitration"
        case RouteReason.ROUTE_ERROR:
            return f"the condition of {steps[-1].node.id} fails on this feedback, so the root has it"


def _moved(one: Contribution, found: Again) -> list[Moved]:
    before, now = one.routed.owner, found.routed.owner
    pairs = (
        ("severity", one.assessed.severity.value, found.assessed.severity.value),
        ("negative", str(one.assessed.negative).lower(), str(found.assessed.negative).lower()),
        ("process", one.process, found.process),
        ("route", before.route, now.route),
        ("team", before.team, now.team),
        ("key", before.alert_key, now.alert_key),
    )
    return [Moved(what=what, decided=was, here=here) for what, was, here in pairs if was != here]
