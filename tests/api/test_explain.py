from datetime import timedelta
from urllib.parse import quote

import pytest

from tests.api.world import World
from tests.builders import instance, survey

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
    assert found["rules"]["category"] == {"method": "keyword", "matched": ["late"]}
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


@pytest.mark.parametrize("path", ["/surveys/r9", "x", "/%00/r1", "/surveys/%0A", "a/" + "b" * 800])
async def test_an_event_that_never_came_is_not_found(world: World, path: str) -> None:
    answer = await world.get(f"/v1/events/{path}/explain")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
