"""The two playbooks that are compared: as many routes as they say, without a fault, and one and the same decisions."""

from typing import Any

import pytest

from service.adapters.memory import MemoryStore
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.bench import Scale
from service.bench.routes import FEW, MANY, SILENCES, routed, silences
from service.bench.stages import demo_lines
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.faults import faults
from service.core.playbook.model import Playbook
from service.runtime.replay import read_lines, replay
from tests.builders import KEY, START


@pytest.fixture(scope="module")
def retail() -> Playbook:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return playbook


@pytest.mark.parametrize("count", [FEW, MANY - 1])
def test_a_playbook_gets_so_many_routes_and_none_of_them_hides_another(retail: Playbook, count: int) -> None:
    playbook = routed(retail, count)
    assert len({route.id for route in playbook.routes.routes}) == count
    assert faults(playbook) == ()


async def test_both_decide_the_same_and_the_many_by_other_routes(retail: Playbook) -> None:
    few, many = [await decisions(routed(retail, count)) for count in (FEW, MANY)]
    assert [without_route(one) for one in few] == [without_route(one) for one in many]
    assert {one["route"].split("-")[0] for one in few if one["route"]} == {"broad"}
    assert sum((one["route"] or "").startswith("narrow") for one in many) > len(many) / 2


async def decisions(playbook: Playbook) -> list[dict[str, Any]]:
    store, rules = MemoryStore(), compile_playbook(playbook)
    records = read_lines(demo_lines(Scale(events=500)), rules, KEY, None)
    await replay(store, records, rules, START, lambda _: None)
    return [dict(one) async for one in store.feedback()]


def without_route(one: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in one.items() if name != "route"}


def test_the_silences_are_as_many_as_it_says_and_each_can_hold_something(retail: Playbook) -> None:
    many = routed(retail, MANY)
    names = {route.id for route in many.routes.routes}
    made = silences(many)
    assert len({one.silence_id for one in made}) == SILENCES
    assert {name for one in made for name in one.matchers["route"]} <= names
