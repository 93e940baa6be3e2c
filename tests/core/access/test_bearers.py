"""Who may do what: of a team, of all teams, by a key, by groups."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.access import LOCAL, MAY, OPERATOR, Denial, Permission, Principal, Role, decide
from service.core.access.groups import Grant, person
from service.core.access.keys import ApiKey, bearer_of, digest_of, key_parts, key_text, shown_by
from service.core.access.sessions import IDLE, LASTS, Session, ended
from tests.builders import START

SECRET = "s" * 43
KEY = ApiKey(
    key_id="0123456789",
    digest=digest_of(SECRET),
    name="console",
    role=Role.AGENT,
    permissions=None,
    teams=frozenset({"drivers"}),
    created_at=START,
    expires_at=START + timedelta(days=1),
)
AGENT = Principal(
    name="console",
    role=Role.AGENT,
    teams=frozenset({"drivers"}),
    permissions=MAY[Role.AGENT],
    subject="key:0123456789",
)
SESSION = Session(
    digest="d", name="ana", subject="oidc:1", key_id=None, groups=(), csrf="c", created_at=START, seen_at=START
)
LEADS = (
    Grant(group="payments", role=Role.AGENT, teams=frozenset({"payments"})),
    Grant(group="chiefs", role=Role.LEAD, teams=frozenset({"drivers"})),
    Grant(group="drivers", role=Role.AGENT, teams=frozenset({"drivers"})),
    Grant(group="care", role=Role.AGENT, teams=None),
)


@pytest.mark.parametrize(
    ("who", "needs", "team", "everywhere", "denial"),
    [
        (None, Permission.READ, None, False, Denial.NOT_SIGNED_IN),
        (None, None, None, False, Denial.NOT_SIGNED_IN),
        (AGENT, None, None, False, None),
        (AGENT, Permission.ACT, "drivers", False, None),
        (AGENT, Permission.ACT, "payments", False, Denial.OTHER_TEAM),
        (AGENT, Permission.LEAD, "payments", False, Denial.NOT_PERMITTED),
        (AGENT, Permission.READ, None, True, Denial.NOT_ALL_TEAMS),
        (OPERATOR, Permission.AUDIT, "payments", True, None),
        (LOCAL, Permission.ADMINISTER, None, True, None),
    ],
)
def test_what_is_denied_says_why(
    who: Principal | None, needs: Permission | None, team: str | None, denial: Denial | None, *, everywhere: bool
) -> None:
    assert decide(who, needs, team, everywhere=everywhere) is denial


def test_only_who_runs_all_teams_sees_figures_of_a_few_customers() -> None:
    operations = Principal(
        name="cx", role=Role.CX_OPERATIONS, teams=None, permissions=MAY[Role.CX_OPERATIONS], subject="key:1"
    )
    bound = replace(operations, teams=frozenset({"drivers"}))
    lead = replace(operations, role=Role.LEAD, permissions=MAY[Role.LEAD])
    counts = (0, 1, 4, 5)
    assert [[one.hides(count) for count in counts] for one in (OPERATOR, operations, bound, lead)] == [
        [False] * 4,
        [False] * 4,
        [False, True, True, False],
        [False, True, True, False],
    ]


@given(st.from_regex(r"[a-z0-9]{10}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True))
def test_a_key_is_read_as_it_is_written(key_id: str, secret: str) -> None:
    assert key_parts(key_text(key_id, secret)) == (key_id, secret)


@pytest.mark.parametrize(
    "text", ["", "frk_", "frk_0123456789", f"frk_0123456789_{SECRET}\n", f"frk_0_{SECRET}", SECRET]
)
def test_another_text_is_no_key(text: str) -> None:
    assert key_parts(text) is None


def test_a_key_says_who_bears_it_as_long_as_it_stands() -> None:
    now = START + timedelta(hours=1)
    assert [
        shown_by(KEY, SECRET, now),
        shown_by(KEY, "t" * 43, now),
        shown_by(None, SECRET, now),
        shown_by(None, "", now),
        shown_by(KEY, SECRET, START + timedelta(days=1)),
        shown_by(replace(KEY, revoked_at=START), SECRET, now),
    ] == [AGENT, Denial.WRONG_KEY, Denial.WRONG_KEY, Denial.WRONG_KEY, Denial.KEY_ENDED, Denial.KEY_ENDED]


@given(st.sampled_from(Role), st.frozensets(st.sampled_from(Permission)))
def test_a_key_never_permits_more_than_its_role(role: Role, permissions: frozenset[Permission]) -> None:
    bearer = bearer_of(replace(KEY, role=role, permissions=permissions), START)
    assert isinstance(bearer, Principal)
    assert bearer.permissions == MAY[role] & permissions


@pytest.mark.parametrize(
    ("session", "after", "denial"),
    [
        (SESSION, IDLE - timedelta(seconds=1), None),
        (SESSION, IDLE, Denial.SESSION_ENDED),
        (replace(SESSION, seen_at=START + LASTS), LASTS, Denial.SESSION_ENDED),
        (replace(SESSION, ended_at=START), timedelta(), Denial.SESSION_ENDED),
    ],
)
def test_a_session_ends_with_its_time(session: Session, after: timedelta, denial: Denial | None) -> None:
    assert ended(session, START + after) is denial


@pytest.mark.parametrize(
    ("groups", "role", "teams"),
    [
        ({"payments"}, Role.AGENT, {"payments"}),
        ({"payments", "drivers", "others"}, Role.AGENT, {"payments", "drivers"}),
        ({"chiefs", "drivers"}, Role.LEAD, {"drivers"}),
        ({"chiefs", "payments"}, Role.AGENT, {"payments"}),
        ({"payments", "care"}, Role.AGENT, None),
    ],
)
def test_the_first_grant_gives_the_role_and_others_of_that_role_add_teams(
    groups: set[str], role: Role, teams: set[str] | None
) -> None:
    assert person("ana", "oidc:1", groups, LEADS) == Principal(
        name="ana",
        role=role,
        teams=None if teams is None else frozenset(teams),
        permissions=MAY[role],
        subject="oidc:1",
    )


def test_a_person_without_a_group_that_the_playbook_names_is_nobody() -> None:
    assert person("ana", "oidc:1", {"others"}, LEADS) is Denial.NO_ROLE


@given(st.frozensets(st.sampled_from([one.group for one in LEADS]), min_size=1))
def test_nobody_gets_more_in_a_team_than_one_of_their_groups_has_there(groups: frozenset[str]) -> None:
    who = person("ana", "oidc:1", groups, LEADS)
    assert isinstance(who, Principal)
    for team in ("payments", "drivers", "legal"):
        given_there = [
            MAY[one.role] for one in LEADS if one.group in groups and (one.teams is None or team in one.teams)
        ]
        assert not who.sees(team) or any(who.permissions <= one for one in given_there)
