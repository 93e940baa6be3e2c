"""Who asks, what for and of which team -> allowed, or denied with a reason.

Roles are words of the outside world: identity providers and keys name them. What each may do is one table, `MAY`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the teams that the role is bound to."""

    VIEWER = "viewer"
    AGENT = "agent"
    LEAD = "lead"
    CX_OPERATIONS = "cx_operations"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a request needs: each path of the API names one."""

    READ = "read"
    READ_VERBATIMS = "read_verbatims"
    ACT = "act"
    LEAD = "lead"
    OPERATE = "operate"
    ADMINISTER = "administer"
    AUDIT = "audit"
    PUBLISH = "publish"


class Denial(StrEnum):
    """Why a request is refused."""

    NOT_SIGNED_IN = "not_signed_in"
    NOT_PERMITTED = "not_permitted"
    OTHER_TEAM = "other_team"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who asks: `name` is what teams and the audit read, `teams` those the role is bound to, None all.

    `permissions` are the role's, or fewer where a key was given fewer.
    """

    name: str
    role: Role
    teams: frozenset[str] | None
    permissions: frozenset[Permission]

    def sees(self, team: str) -> bool:
        return self.teams is None or team in self.teams


_READS = {Permission.READ, Permission.READ_VERBATIMS}
MAY: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.AGENT: frozenset({*_READS, Permission.ACT}),
    Role.LEAD: frozenset({*_READS, Permission.ACT, Permission.LEAD}),
    Role.CX_OPERATIONS: frozenset({*_READS, Permission.ACT, Permission.LEAD, Permission.OPERATE}),
    Role.ADMIN: frozenset(Permission) - {Permission.AUDIT},
    Role.AUDITOR: frozenset({Permission.READ, Permission.AUDIT}),
}


def decide(principal: Principal | None, needs: Permission, team: str | None = None) -> Denial | None:
    """Say why somebody may not do what needs a permission, of a team where it is one's; None where they may."""
    if principal is None:
        return Denial.NOT_SIGNED_IN
    if needs not in principal.permissions:
        return Denial.NOT_PERMITTED
    if team is not None and not principal.sees(team):
        return Denial.OTHER_TEAM
    return None
