"""Who asks, what for and of which team -> allowed, or denied with a reason.

Roles are words of the outside world: identity providers and keys name them. What each may do is one table, `MAY`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

SMALL_CELL = 5


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
    """Why a request is refused.

    `other_team` names what another team has, `not_all_teams` what belongs to no team while somebody has some only.
    `forged` lacks what only our own pages know, `no_role` is of a person whom the playbook gives none.
    """

    NOT_SIGNED_IN = "not_signed_in"
    NOT_PERMITTED = "not_permitted"
    OTHER_TEAM = "other_team"
    NOT_ALL_TEAMS = "not_all_teams"
    WRONG_KEY = "wrong_key"
    KEY_ENDED = "key_ended"
    SESSION_ENDED = "session_ended"
    FORGED = "forged"
    FOREIGN_ORIGIN = "foreign_origin"
    TOO_MANY_FAILURES = "too_many_failures"
    NOT_VOUCHED_FOR = "not_vouched_for"
    NO_ROLE = "no_role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Somebody who asks: `name` is what teams and the audit read, `teams` those the role is bound to, None all.

    `permissions` are the role's, or fewer where a key was given fewer. `subject` stays where a name may change: `key:`
    and a key's id, `oidc:` and what the provider calls the person.
    """

    name: str
    role: Role
    teams: frozenset[str] | None
    permissions: frozenset[Permission]
    subject: str = ""

    def sees(self, team: str) -> bool:
        return self.teams is None or team in self.teams

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    @property
    def is_shared(self) -> bool:
        """Whether nobody in particular asks, but any bearer of one token or user of one machine."""
        return self.name in RESERVED

    def hides(self, count: int) -> bool:
        """Say whether figures of so many are kept from them: those of a few customers could tell who said what."""
        return 0 < count < SMALL_CELL and not (self.teams is None and self.may(Permission.OPERATE))


_READS = {Permission.READ, Permission.READ_VERBATIMS}
MAY: Mapping[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.READ}),
    Role.AGENT: frozenset({*_READS, Permission.ACT}),
    Role.LEAD: frozenset({*_READS, Permission.ACT, Permission.LEAD}),
    Role.CX_OPERATIONS: frozenset({*_READS, Permission.ACT, Permission.LEAD, Permission.OPERATE}),
    Role.ADMIN: frozenset(Permission) - {Permission.AUDIT},
    Role.AUDITOR: frozenset({Permission.READ, Permission.AUDIT}),
}
_EVERYTHING = frozenset(Permission)
# Who shows the operator's token, and whoever reaches a loopback address where nobody has to show anything.
OPERATOR = Principal(name="operator", role=Role.ADMIN, teams=None, permissions=_EVERYTHING, subject="operator")
LOCAL = Principal(name="local", role=Role.ADMIN, teams=None, permissions=_EVERYTHING, subject="local")
# Names that nobody else may bear.
RESERVED = frozenset({OPERATOR.name, LOCAL.name})


def decide(
    principal: Principal | None, needs: Permission | None, team: str | None = None, *, everywhere: bool = False
) -> Denial | None:
    """Say why somebody may not do what needs a permission, of a team where it is one's; None where they may.

    What is done `everywhere` belongs to no team, and is for those who have all of them. What needs None is for anybody
    who is known.
    """
    if principal is None:
        return Denial.NOT_SIGNED_IN
    if needs is not None and needs not in principal.permissions:
        return Denial.NOT_PERMITTED
    if everywhere and principal.teams is not None:
        return Denial.NOT_ALL_TEAMS
    if team is not None and not principal.sees(team):
        return Denial.OTHER_TEAM
    return None
