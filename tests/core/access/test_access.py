"""Who may do what, of which team."""

import pytest

from service.core.access import MAY, Denial, Permission, Principal, Role, decide


def _who(role: Role, *teams: str) -> Principal:
    return Principal(name="ana", role=role, teams=frozenset(teams) or None, permissions=MAY[role])


def test_who_is_not_known_is_asked_to_sign_in() -> None:
    assert decide(None, Permission.READ) is Denial.NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("role", "permissions"),
    [
        (Role.VIEWER, {"read"}),
        (Role.AGENT, {"read", "read_verbatims", "act"}),
        (Role.LEAD, {"read", "read_verbatims", "act", "lead"}),
        (Role.CX_OPERATIONS, {"read", "read_verbatims", "act", "lead", "operate"}),
        (Role.ADMIN, {"read", "read_verbatims", "act", "lead", "operate", "administer", "publish"}),
        (Role.AUDITOR, {"read", "audit"}),
    ],
)
def test_each_role_may_do_what_the_table_says(role: Role, permissions: set[str]) -> None:
    assert {one.value for one in Permission if decide(_who(role), one) is None} == permissions


def test_another_team_is_out_of_reach_but_for_who_is_bound_to_none() -> None:
    assert decide(_who(Role.AGENT, "claims"), Permission.ACT, "claims") is None
    assert decide(_who(Role.AGENT, "claims"), Permission.ACT, "payments") is Denial.OTHER_TEAM
    assert decide(_who(Role.AGENT), Permission.ACT, "payments") is None
    assert decide(_who(Role.VIEWER, "claims"), Permission.ACT, "payments") is Denial.NOT_PERMITTED
