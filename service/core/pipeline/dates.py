"""Playbook -> what the dates of its ownerships may change: nothing where no entry has one."""

from dataclasses import dataclass

from service.core.playbook.model import OWNER, Playbook, Route
from service.core.playbook.ownership import Ownership


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """Every entry with its team, and the routes that ask for the owner; both are empty without a dated entry."""

    entries: tuple[tuple[str, Ownership], ...] = ()
    routes: frozenset[str] = frozenset()


def compile_dates(playbook: Playbook) -> Dates:
    """Collect the entries and the routes."""
    entries = tuple((str(team.id), one) for team in playbook.teams for one in team.owns)
    if not any(one.is_dated for _, one in entries):
        return Dates()
    return Dates(entries=entries, routes=frozenset(_asking(playbook.routes, None)))


def _asking(node: Route, inherited: str | None) -> set[str]:
    team = node.team or inherited
    found = {str(node.id)} if team == OWNER else set()
    for child in node.routes:
        found |= _asking(child, team)
    return found
