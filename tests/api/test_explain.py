from datetime import timedelta
from urllib.parse import quote

import pytest

from service.adapters.memory import MemoryDesk, MemoryStore
from service.core.pipeline.rules import compile_playbook
from service.core.playbook.digest import canonical_text
from service.runtime.explain import Explainer
from tests.api.world import World
from tests.builders import START, instance, read_event, survey, with_routes

MINUTE = timedelta(minutes=1)
SOURCE = "/typeform/acme/lT4Z3j"


@pytest.mark.parametrize(
    "path",
    [
        f"{SOURCE}/r1-1",
        f"{SOURCE.removeprefix('/')}/r1-1",
        f"{quote(SOURCE, safe='')}/r1-1",
        f"{quote(SOURCE)}/{quote('r1-1', safe='')}",
    ],
)
async def test_an_event_is_found_however_the_slashes_of_its_source_are_written(small_world: World, path: str) -> None:
    await small_world.push(MINUTE, survey("r1", 0, "late, awful") | {"source": SOURCE})
    found = await small_world.read(f"/v1/events/{path}/explain")
    assert (found["source"], found["event_id"]) == (SOURCE, "r1-1")


async def test_an_id_with_a_slash_is_found_when_it_is_escaped(small_world: World) -> None:
    await small_world.push(MINUTE, survey("r1", 0, "late, awful", event_id="a/b"))
    found = await small_world.read("/v1/events/%2Fsurveys/a%2Fb/explain")
    assert (found["source"], found["event_id"]) == ("/surveys", "a/b")


async def test_a_decided_event_is_explained_with_its_rules_and_what_became_of_it(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late, awful"))
    found = await world.read("/v1/events//surveys/r1-1/explain")
    alert = await world.alert_of("drivers")
    assert (found["status"], found["decision"]["verdict"], found["decision"]["alert_id"]) == (
        "decided",
        "opened",
        alert["alert_id"],
    )
    assert found["rules"]["category"] == {"method": "keyword", "matched": ["late"], "model": None}
    assert found["alerts"] == [
        {
            "alert_id": alert["alert_id"],
            "team": "drivers",
            "state": "open",
            "severity": "high",
            "events": 1,
            "customers": 1,
            "revision": 0,
            "copy_of_another_team": False,
        }
    ]
    assert "late, awful" not in str(found)


async def test_a_quiet_event_says_why_and_is_in_no_alert(world: World) -> None:
    await world.push(MINUTE, survey("r1", 10, "lovely"))
    found = await world.read("/v1/events//surveys/r1-1/explain")
    assert (found["decision"]["verdict"], found["decision"]["reason"], found["alerts"]) == (
        "quiet",
        "not_negative",
        [],
    )


async def test_a_state_that_another_superseded_is_known_to_have_come(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late", revision=2))
    await world.push(2 * MINUTE, survey("r1", 10, "lovely", revision=1))
    found = await world.read("/v1/events//surveys/r1-1/explain")
    assert (found["status"], found["decision"]) == ("no_row", None)


async def test_a_process_event_is_known_to_have_come(world: World) -> None:
    await world.push(MINUTE, instance("SO-1", event_id="p-1"))
    assert (await world.read("/v1/events//engine/p-1/explain"))["status"] == "no_row"


async def test_the_api_and_the_command_explain_an_event_alike(world: World) -> None:
    event = survey("r1", 0, "late, awful", customer={"ref": "anna", "tier": "gold", "region": "uk"})
    await world.push(MINUTE, event)
    now = await world.now()
    over_http = await world.read("/v1/events//surveys/r1-1/explain", params={"at": now.isoformat()})
    store = MemoryStore()
    explainer = Explainer(store, world.rules, MemoryDesk(store))
    told = await explainer.explain(read_event(event, now, world.rules), None)
    assert over_http["why"] == told["why"]
    assert told["would_differ_if"] == told["why"]["would_differ_if"]["verdict"]
    assert over_http["why"]["routes"]["tried"] == [{"route": "owned", "parent": None, "failed": None, "operands": []}]
    assert over_http["why"]["key"]["alert_key"] == over_http["rules"]["route"]["key"]


async def test_another_playbook_and_another_time_recompute_an_event(world: World) -> None:
    rehearsed = with_routes({"id": "uk", "match": {"region": "uk"}, "team": "legal"})
    digest = compile_playbook(rehearsed).digest
    before = (await world.shelf.active() or ("", {}))[0]
    for one in (rehearsed, world.rules.playbook):
        documents = {"playbook.yaml": canonical_text(one)}
        await world.shelf.activate(compile_playbook(one).digest, str(one.name), documents, START)
    assert (await world.shelf.active() or ("", {}))[0] == before
    await world.push(MINUTE, survey("r1", 0, "late", customer={"ref": "anna", "region": "uk"}))
    path, later = "/v1/events//surveys/r1-1/explain", (await world.now() + timedelta(days=8)).isoformat()
    found = await world.read(path, params={"playbook": digest, "at": later})
    assert (found["decision"]["team"], found["decision"]["verdict"]) == ("drivers", "opened")
    why = found["why"]
    assert (why["playbook"], why["standing"], why["routes"]["owner"]["team"]) == (digest, "too_old", "legal")
    assert [(one["what"], one["decided"], one["here"]) for one in why["moved"][:2]] == [
        ("route", "owned", "uk"),
        ("team", "drivers", "legal"),
    ]


async def test_an_event_that_a_later_one_replaced_keeps_its_decision_but_is_not_computed_anew(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late", revision=1))
    await world.push(2 * MINUTE, survey("r1", 2, "late", revision=2))
    found = await world.read("/v1/events//surveys/r1-1/explain")
    assert (found["status"], found["decision"]["verdict"], found["why"]) == ("decided", "opened", None)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"playbook": "0" * 64}, 404),
        ({"playbook": "retail"}, 422),
        ({"at": "tomorrow"}, 422),
        ({"at": "2026-05-04T09:00:00"}, 422),
        ({"at": "0001-01-01T00:00:00+14:00"}, 422),
        ({"time": "2026-05-04T09:00:00Z"}, 422),
    ],
)
async def test_an_unknown_playbook_or_a_time_that_is_none_is_a_problem(
    world: World, query: dict[str, str], status: int
) -> None:
    await world.push(MINUTE, survey("r1", 0, "late"))
    answer = await world.get("/v1/events//surveys/r1-1/explain", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


@pytest.mark.parametrize("path", ["/surveys/r9", "x", "/%00/r1", "/surveys/%0A", "a/" + "b" * 800])
async def test_an_event_that_never_came_is_not_found(world: World, path: str) -> None:
    answer = await world.get(f"/v1/events/{path}/explain")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
