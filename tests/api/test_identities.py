"""Whose references are one customer's over HTTP: read with reasons and evidence, split and lifted in one step."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.api.world import World, world_on
from tests.builders import KEY, instance, make_playbook, survey, ticket
from tests.infrastructure.postgres import TestServers

HOUR = timedelta(hours=1)
C1, A1, A2, E1, E2 = (KEY.pseudonym(name) for name in ("c1", "a1", "a2", "e1", "e2"))
TYPES = {"c": "crm", "a": "account", "e": "email"}


@pytest.fixture(params=["memory", "postgres"])
async def joined(request: pytest.FixtureRequest, postgres_servers: TestServers) -> AsyncIterator[World]:
    playbook = make_playbook(identity={"precedence": ["crm", "account", "email"]})
    async with world_on(request.param, postgres_servers, playbook) as world:
        yield world


def party(*names: str) -> dict[str, Any]:
    first, *also = ({"ref": name, "ref_type": TYPES[name[0]]} for name in names)
    return {**first, "also": also}


async def told(world: World) -> None:
    """The engine knows a customer by a number, the desk joins that to an account and a mailbox, the survey has this."""
    await world.push(
        HOUR,
        instance("i1", event_id="i1-start", customer=party("c1")),
        ticket("created", "t1", event_id="t1", customer=party("c1", "a1")),
        ticket("created", "t2", event_id="t2", customer=party("a1", "e1")),
        survey("r1", 0, "late, awful", customer=party("e1")),
    )


async def post(world: World, path: str, **body: str) -> httpx.Response:
    return await world.client.post(f"/v1/identities/{path}", json=body)


async def linked(world: World) -> str | None:
    answer = await world.read("/v1/events/%2Fsurveys/r1-1/explain")
    found: str | None = answer["decision"]["link"]["instance_id"]
    return found


async def test_a_person_is_shown_with_why_each_reference_belongs_to_it_and_by_which_event(joined: World) -> None:
    await told(joined)
    shown = await joined.read(f"/v1/identities/{E1}")
    assert [(one["ref"], one["type"], one["reason"], one["belongs_to"]) for one in shown["person"]] == [
        (C1, "crm", "foremost", []),
        (A1, "account", "seen_together", [C1]),
        (E1, "email", "seen_together", [A1]),
    ]
    assert [(one["ref"], one["event_id"]) for one in shown["person"][2]["seen_with"]] == [(A1, "t2")]
    assert (shown["not_joined"], shown["splits"]) == ([], [])


async def test_what_is_contested_is_shown_beside_those_that_it_may_be_of(joined: World) -> None:
    await told(joined)
    await joined.push(2 * HOUR, ticket("created", "t3", event_id="t3", customer=party("a2", "e1")))
    shown = await joined.read(f"/v1/identities/{A1}")
    assert [one["ref"] for one in shown["person"]] == [C1, A1]
    assert [(one["ref"], one["reason"]) for one in shown["not_joined"]] == [(E1, "contested")]
    assert {one["ref"] for one in shown["not_joined"][0]["seen_with"]} == {A1, A2}
    assert await linked(joined) is None


async def test_a_split_undoes_the_links_that_wait_and_stands_until_it_is_lifted(joined: World) -> None:
    await told(joined)
    assert await linked(joined) == "i1"
    answer = await post(joined, f"{E1}/joins/{C1}/split", by="ana", reason="Her sister's mailbox, ben@example.org.")
    assert answer.status_code == 200, answer.text
    split = answer.json()
    assert (split["by"], split["reason"], split["lifted_at"]) == ("ana", "Her sister's mailbox, [email].", None)
    assert await linked(joined) is None
    # Saying it again changes nothing, nor does hearing again that they are one customer's.
    assert (await post(joined, f"{E1}/joins/{C1}/split", by="ben", reason="So?")).json() == split
    await joined.push(2 * HOUR, ticket("created", "t4", event_id="t4", customer=party("c1", "e1")))
    assert await linked(joined) is None
    shown = await joined.read(f"/v1/identities/{E1}")
    assert [(one["ref"], one["reason"]) for one in shown["person"]] == [(E1, "split")]
    assert shown["splits"] == [split]
    lifted = (await post(joined, f"{E1}/joins/{C1}/lift", by="ben")).json()
    assert (lifted["by"], lifted["lifted_by"]) == ("ana", "ben")
    assert await linked(joined) == "i1"


async def test_only_what_belongs_to_another_is_split_and_only_what_is_split_is_lifted(joined: World) -> None:
    await told(joined)
    for path in (f"{C1}/joins/{E1}", f"{E1}/joins/{E1}", f"{E1}/joins/{E2}"):
        answer = await post(joined, f"{path}/split", reason="no")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:feedback-router:problem:not-joined")
    answer = await post(joined, f"{E1}/joins/{A1}/lift")
    assert (answer.status_code, answer.json()["detail"]) == (404, "no such split stands")
    assert (await joined.get(f"/v1/identities/{E2}")).status_code == 404


async def test_a_playbook_that_joins_nothing_knows_no_identities(small_world: World) -> None:
    answers = [
        await small_world.get(f"/v1/identities/{E1}"),
        await post(small_world, f"{E1}/joins/{A1}/split", reason="no"),
    ]
    found = [(one.status_code, one.json()["detail"]) for one in answers]
    assert found == [(404, "the playbook joins no references (identity)")] * 2
