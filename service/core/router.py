"""A route tree and its conditions -> Router: routes as `route` does, searching once for what is alike to all of them.

Of a thousand pieces of feedback few differ in anything that a matcher or a condition asks for.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from service.core.playbook.fields import ATTRIBUTES
from service.core.records.decisions import Routed
from service.core.route import Found, Holds, RouteTree, route, routed, search

# Searches that are remembered, each of some hundred bytes.
_REMEMBERED = 4_096
_WHENEVER = datetime.min.replace(tzinfo=UTC)


class Router:
    """`asked` has the fields that the conditions ask for."""

    def __init__(self, tree: RouteTree, holds: Holds, asked: Iterable[str]) -> None:
        fields = tree.fields.union(asked)
        self._tree, self._holds = tree, holds
        # A condition may ask for all attributes at once, of which no two feedbacks need have the same.
        self._searches = "attributes" in fields
        self._fields = sorted(name for name in fields if not name.startswith(ATTRIBUTES))
        self._attributes = sorted(name.removeprefix(ATTRIBUTES) for name in fields if name.startswith(ATTRIBUTES))
        self._dated = any(one.from_ is not None or one.until is not None for _, one in tree.claims)
        self._found = lru_cache(maxsize=_REMEMBERED)(self._search)

    def route(self, facts: Mapping[str, Any], at: datetime) -> Routed:
        """Find the owner; `facts` as for `route`."""
        if self._searches:
            return route(facts, self._tree, self._holds, at)
        attributes = facts["attributes"]
        found = self._found(
            tuple([facts.get(name) for name in self._fields]),
            tuple([(name, attributes[name]) for name in self._attributes if name in attributes]),
            at if self._dated else _WHENEVER,
        )
        return routed(found, facts)

    def _search(self, values: tuple[Any, ...], attributes: tuple[tuple[str, str], ...], at: datetime) -> Found:
        facts = {**dict(zip(self._fields, values, strict=True)), "attributes": dict(attributes)}
        return search(facts, self._tree, self._holds, at)
