"""Everything that the OpenAPI document promises, asked as each role of a team that nothing in the world is of.

Whatever is asked for, by whichever ids and cursors there are, none of the drivers' alerts comes back, and no text.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case, CheckContext, Response

from service.core.access import Role
from service.core.access.keys import ApiKey, key_text
from tests.api.elsewhere import Elsewhere, Real
from tests.api.people import KEY, SECRET
from tests.api.test_openapi import aimed, described_as, errors_are_problems, nothing_private_comes_back
from tests.api.world import World
from tests.infrastructure.postgres import TestServers

pytestmark = pytest.mark.quality
_EXAMPLES = int(os.environ.get("OPENAPI_EXAMPLES", "20"))
_Case = Case[Any]
elsewhere = Elsewhere()
described = described_as(elsewhere, _EXAMPLES)


def key_of(role: Role) -> ApiKey:
    return replace(KEY, key_id=f"{list(Role).index(role):010}", name=role.value, role=role, teams=frozenset({"legal"}))


async def _admit(world: World) -> None:
    for role in Role:
        assert await world.keys.keep(key_of(role))


@pytest.fixture(scope="module")
def real(postgres_servers: TestServers) -> Iterator[Real]:
    with elsewhere.running(os.environ.get("OPENAPI_STORE", "memory"), postgres_servers, _admit) as found:
        yield found


@pytest.mark.parametrize("role", Role)
@described.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_no_role_reaches_what_is_another_teams(case: _Case, real: Real, role: Role) -> None:
    def nothing_of_another_team(_context: CheckContext, response: Response, _case: _Case) -> None:
        asked = str(case.path_parameters) + str(case.body)
        assert response.status_code < 500
        assert real.alert_id in asked or real.alert_id not in response.content.decode()
        assert "late, call" not in response.content.decode()

    aimed(case, real)
    case.call_and_validate(
        headers={"Authorization": f"Bearer {key_text(key_of(role).key_id, SECRET)}"},
        checks=[errors_are_problems, nothing_private_comes_back, nothing_of_another_team],
    )
