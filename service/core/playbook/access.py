"""The section `access`: what the groups of an identity provider are to which teams."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from service.core.access import Role
from service.core.access.groups import Grant
from service.core.playbook.fields import Label, Part, TeamId

ALL_TEAMS = "all"


class GroupAccess(Part):
    """What the people of one group are: `role`, in these teams or in `all`."""

    group: Label
    role: Role
    teams: Literal["all"] | Annotated[tuple[TeamId, ...], Field(min_length=1, max_length=500)]


def grants_of(access: Iterable[GroupAccess]) -> tuple[Grant, ...]:
    return tuple(
        Grant(group=one.group, role=one.role, teams=None if one.teams == ALL_TEAMS else frozenset(one.teams))
        for one in access
    )
