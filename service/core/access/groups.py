"""The groups of a person, and what the playbook grants to groups -> the person's role and teams, or none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from service.core.access import MAY, Denial, Principal, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a group's people are to some teams, None being all of them."""

    group: str
    role: Role
    teams: frozenset[str] | None


def person(name: str, subject: str, groups: Collection[str], grants: Iterable[Grant]) -> Principal | Denial:
    """Say who a person of some groups is.

    The first grant that fits decides the role; every further one of the same role adds its teams. So nobody gets
    more in a team than one of their groups has there.
    """
    fitting = [one for one in grants if one.group in groups]
    if not fitting:
        return Denial.NO_ROLE
    role = fitting[0].role
    bound: set[str] = set()
    for one in fitting:
        if one.role is role and one.teams is None:
            return Principal(name=name, role=role, teams=None, permissions=MAY[role], subject=subject)
        if one.role is role:
            bound |= one.teams or set()
    return Principal(name=name, role=role, teams=frozenset(bound), permissions=MAY[role], subject=subject)
