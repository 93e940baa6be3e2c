"""What a silence asks of alerts, and a playbook -> what no alert of it can ever meet, and what was perhaps meant."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from service.core.playbook.attention import ALERT_TRAITS
from service.core.playbook.model import Playbook, Route
from service.core.playbook.taxonomy import issues
from service.core.records.words import UNMAPPED, AlertKind, Level, Severity

# What an alert about several categories or processes has there, and one without a process.
_SEVERAL, _NONE = "*", ""
# By these a feedback is keyed that has none of its route's fields.
_ALWAYS_KEYS = frozenset({"process", "category", "subject"})
# The routes of alerts that no route of the tree has taken.
_OWN_ROUTES = tuple(kind.value for kind in AlertKind if kind is not AlertKind.EVENT)
# Looking for what was perhaps meant takes microseconds for each known name, and the square of a long one.
_MOST_COMPARED = 1_000
_LONGEST_COMPARED = 200
_MOST_NEAR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A field, or the value of it at a place, that no alert has; `near` are the known names that are most like it."""

    field: str
    at: int | None
    what: str
    near: tuple[str, ...]


def unmet(matchers: Mapping[str, tuple[str, ...]], playbook: Playbook) -> Iterator[Unmet]:
    """Name each field and value that no alert under this playbook can have."""
    known, fields = _known(playbook), ALERT_TRAITS | _keys(playbook)
    for field, values in matchers.items():
        if field not in fields:
            yield Unmet(field=field, at=None, what="field", near=_near(field, fields))
        elif field in known:
            names = known[field]
            for at, value in enumerate(values):
                if value not in names:
                    yield Unmet(field=field, at=at, what=field, near=_near(value, names))


def asks_for_nothing(matchers: Mapping[str, tuple[str, ...]], playbook: Playbook) -> bool:
    """Tell whether every alert under this playbook matches."""
    known = _known(playbook)
    return all(field in known and set(known[field]) <= set(values) for field, values in matchers.items())


def _known(playbook: Playbook) -> Mapping[str, Collection[str]]:
    """Map the fields whose values the playbook or the records close onto these."""
    return {
        "team": [one.id for one in playbook.teams],
        "route": [*_routes(playbook.routes), *_OWN_ROUTES],
        "process": [_NONE, _SEVERAL, *(one.id for one in playbook.processes)],
        "category": [UNMAPPED, _SEVERAL, *issues(playbook.taxonomy)],
        "severity": [one.value for one in Severity],
        "kind": [one.value for one in AlertKind],
        "level": [_NONE, *(one.value for one in Level)],
    }


def _keys(playbook: Playbook) -> frozenset[str]:
    """Name the fields that the key of an alert can have."""
    found = _ALWAYS_KEYS | frozenset(_grouped(playbook.routes))
    if playbook.volume.by_region:
        found |= {"region"}
    if playbook.high_value is not None:
        found |= {"instance"}
    return found if playbook.at_risk is None else found | {"customer"}


def _routes(node: Route) -> Iterator[str]:
    yield node.id
    for child in node.routes:
        yield from _routes(child)


def _grouped(node: Route) -> Iterator[str]:
    yield from node.group_by or ()
    for child in node.routes:
        yield from _grouped(child)


def _near(name: str, known: Collection[str]) -> tuple[str, ...]:
    if len(known) > _MOST_COMPARED or len(name) > _LONGEST_COMPARED:
        return ()
    return tuple(get_close_matches(name, sorted(known), n=_MOST_NEAR))
