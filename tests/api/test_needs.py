"""Every path says what it needs, to the code that lets in and to who reads the document."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from service.api import Services, create_api
from service.api.guard import OPEN
from service.api.routes import teams
from tests.api.world import World


async def operations(world: World) -> dict[str, dict[str, Any]]:
    described = await world.read("/openapi.json")
    return {
        f"{method.upper()} {path}": one for path, ways in described["paths"].items() for method, one in ways.items()
    }


def is_open(operation: str) -> bool:
    return operation.partition(" ")[2] in OPEN


async def test_every_operation_that_is_not_open_says_what_it_needs(small_world: World) -> None:
    found = await operations(small_world)
    assert [name for name, one in found.items() if ("x-permission" in one) == is_open(name)] == []


async def test_every_operation_that_needs_something_may_be_refused(small_world: World) -> None:
    found = await operations(small_world)
    refused = {"401", "403", "429"}
    assert [name for name, one in found.items() if not is_open(name) and not refused <= set(one["responses"])] == []
    in_team = [name for name in found if "{team}" in name or "{alert_id}" in name]
    assert [name for name in in_team if "404" not in found[name]["responses"]] == []


def test_an_app_with_a_route_that_says_nothing_is_not_built(monkeypatch: pytest.MonkeyPatch) -> None:
    (route, *_) = teams.router.routes
    monkeypatch.setattr(route, "dependencies", [])
    nothing = cast("Services", SimpleNamespace(entrance=None, noting=None))
    with pytest.raises(ValueError, match=r"do not say what they need: /v1/teams$"):
        create_api(nothing)
