"""Routes that nothing reaches, keys that could be empty, unknown teams, and conditions that can not be judged."""

from collections.abc import Iterator, Mapping

from service.core.playbook.conditions import ConditionFault, compile_condition
from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.faults.ids import matcher_faults
from service.core.playbook.model import OWNER, Playbook, Route

Values = Mapping[str, tuple[str, ...]]

# Fields that every feedback has; a key of others alone could be empty, and put strangers into one alert.
_NEVER_EMPTY = frozenset({"source", "kind", "category", "instance", "subject", "customer"})
# Names under which tools send what somebody wrote: no two such values are the same, so that nothing would be grouped.
_TEXT_LIKE = frozenset({"text", "comment", "comments", "body", "description", "message", "verbatim", "title", "notes"})


def route_faults(playbook: Playbook) -> Iterator[Fault]:
    routing = playbook.routes
    teams = tuple(team.id for team in playbook.teams)
    seen: set[str] = set()
    for path, node in _nodes(("routes",), routing):
        if node.id in seen:
            message = f"a route called {node.id!r} comes before; decisions name their route, so give it its own id"
            yield Fault(path=(*path, "id"), message=message)
        seen.add(node.id)
        if node.team is not None and node.team not in {*teams, OWNER}:
            yield unknown((*path, "team"), "team", node.team, (*teams, OWNER))
        yield from matcher_faults((*path, "match"), node.match, playbook)
        yield from _key_faults((*path, "group_by"), node.group_by or ())
        if node.when is not None:
            compiled = compile_condition(node.when)
            if isinstance(compiled, ConditionFault):
                yield Fault(path=(*path, "when"), message=compiled.message)
        if node.repeat is not None and list(node.repeat) != sorted(node.repeat):
            message = "gets shorter; repeats back off, so write the shortest first"
            yield Fault(path=(*path, "repeat"), message=message)
    if routing.arbitration not in teams:
        yield unknown(("routes", "arbitration"), "team", routing.arbitration, teams)
    yield from _owner_faults(playbook)
    yield from _unreachable(("routes",), routing, {})


def _nodes(path: Path, node: Route) -> Iterator[tuple[Path, Route]]:
    yield path, node
    for at, child in enumerate(node.routes):
        yield from _nodes((*path, "routes", at), child)


def _key_faults(path: Path, fields: tuple[str, ...]) -> Iterator[Fault]:
    for at, name in enumerate(fields):
        if name in fields[:at]:
            yield Fault(path=(*path, at), message=f"{name} is in the key already; take it out")
        if name.startswith("attributes.") and name.removeprefix("attributes.").casefold() in _TEXT_LIKE:
            message = f"{name} holds what somebody wrote, which never comes twice; group by a name or a code"
            yield Fault(path=(*path, at), message=message)
    if fields and not _NEVER_EMPTY & set(fields):
        message = (
            f"each of {', '.join(fields)} may be unknown, and the key empty; add category, or the subject for one case"
        )
        yield Fault(path=path, message=message)


def _owner_faults(playbook: Playbook) -> Iterator[Fault]:
    if any(team.owns for team in playbook.teams):
        return
    for path, node in _nodes(("routes",), playbook.routes):
        if node.team == OWNER:
            message = "no team owns anything, so that all of this goes to arbitration; give a team `owns`"
            yield Fault(path=(*path, "team"), message=message, missing="owns")


def _unreachable(path: Path, parent: Route, given: Values) -> Iterator[Fault]:
    """Compare matchers alone: a `when` may be false and hides no sibling; a `continue` lets the search go on."""
    for at, node in enumerate(parent.routes):
        here = (*path, "routes", at)
        against = next(
            (name for name in node.match if name in given and not set(given[name]) & set(node.match[name])), ""
        )
        if against:
            message = f"never matches: the routes above it take only {against} {', '.join(given[against])}"
            yield Fault(path=(*here, "match", against), message=message)
            continue
        narrowed = {**given, **node.match}
        hider = next((other for other in parent.routes[:at] if _takes_all(other, narrowed)), None)
        if hider is not None:
            message = f"never reached: {hider.id!r} before it takes all of this; put it first, or let that one continue"
            yield Fault(path=(*here, "id"), message=message)
        yield from _unreachable(here, node, narrowed)


def _takes_all(node: Route, narrowed: Values) -> bool:
    return (
        node.when is None
        and not node.continue_
        and all(name in narrowed and set(narrowed[name]) <= set(values) for name, values in node.match.items())
    )
