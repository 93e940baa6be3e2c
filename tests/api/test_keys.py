"""Who comes in by a key: known while it stands, told no more than a wrong one would be, and slowed down by failures."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from service.core.access import Denial, Permission, Role
from service.core.access.keys import digest_of, key_text
from tests.api.people import KEY, SECRET, bearing, person_of
from tests.api.world import ALLOWED, World
from tests.builders import START

WRONG = {"Authorization": f"Bearer {key_text(KEY.key_id, 'w' * 43)}"}


async def statuses(world: World, *headers: dict[str, str]) -> list[int]:
    return [(await world.get("/v1/teams", headers=one)).status_code for one in headers]


async def test_a_key_lets_its_bearer_in_and_its_day_is_noted(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    assert await statuses(small_world, bearing(KEY), bearing(KEY)) == [200, 200]
    assert await small_world.keys.keys() == [replace(KEY, last_used_on=START.date())]


async def test_a_wrong_secret_and_an_id_of_nobody_are_refused_alike(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    nobodys = {"Authorization": f"Bearer {key_text('nobodys000', SECRET)}"}
    answers = [await small_world.get("/v1/teams", headers=one) for one in (WRONG, nobodys)]
    assert [(one.status_code, one.json()) for one in answers] == [(401, answers[0].json())] * 2
    assert {one.denial for one in small_world.noted.denials} == {Denial.WRONG_KEY}


async def test_a_revoked_key_is_refused_within_five_seconds(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    before = await statuses(small_world, bearing(KEY))
    await small_world.keys.revoke(KEY.key_id, START)
    small_world.seconds += 5
    assert (before, await statuses(small_world, bearing(KEY))) == ([200], [401])


async def test_a_key_ends_with_its_days(small_world: World) -> None:
    await small_world.keys.keep(replace(KEY, expires_at=START + timedelta(days=1)))
    small_world.at = timedelta(hours=23)
    before = await statuses(small_world, bearing(KEY))
    small_world.at = timedelta(days=1)
    assert (before, await statuses(small_world, bearing(KEY))) == ([200], [401])
    assert small_world.noted.denials[-1].denial is Denial.KEY_ENDED


async def test_a_new_key_counts_at_once_though_its_id_was_tried_before(small_world: World) -> None:
    before = await statuses(small_world, bearing(KEY))
    await small_world.keys.keep(KEY)
    small_world.seconds += 5
    assert (before, await statuses(small_world, bearing(KEY))) == ([401], [200])


async def test_whoever_fails_too_often_waits_and_a_right_key_does_not(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    assert await statuses(small_world, bearing(KEY)) == [200]
    failed = await statuses(small_world, *[WRONG] * 11)
    answer = await small_world.get("/v1/teams", headers=WRONG)
    assert (failed, answer.status_code, answer.headers["retry-after"]) == ([401] * 10 + [429], 429, "60")
    assert answer.json()["type"] == "urn:feedback-router:problem:too-many-failures"
    assert await statuses(small_world, bearing(KEY), ALLOWED) == [200, 200]
    small_world.seconds += 60
    assert await statuses(small_world, WRONG) == [401]


async def test_an_address_that_fails_too_often_gets_no_look_at_further_keys(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    tries = [{"Authorization": f"Bearer {key_text(f'{number:010}', SECRET)}"} for number in range(21)]
    assert await statuses(small_world, *tries, bearing(KEY), ALLOWED) == [401] * 20 + [429, 429, 200]
    assert await statuses(small_world, {"Authorization": ""}) == [401]


async def test_what_is_refused_is_counted_by_reason_and_logged_without_an_id(
    small_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    headers = await person_of(small_world, Role.VIEWER, "drivers")
    await small_world.get("/v1/silences", headers=headers)
    await small_world.get("/v1/teams/legal/queue", headers=headers)
    await small_world.get("/v1/teams", headers={"Authorization": ""})
    figures = small_world.meter.text().decode().splitlines()
    assert [line for line in figures if line.startswith("feedback_router_denied_total")] == [
        'feedback_router_denied_total{reason="not_permitted"} 1.0',
        'feedback_router_denied_total{reason="other_team"} 1.0',
        'feedback_router_denied_total{reason="not_signed_in"} 1.0',
    ]
    said = capsys.readouterr().out
    assert "denied" in said
    assert "legal" not in said
    # What anybody can bring about fills no book.
    assert [(one.denial, one.path, dict(one.names)) for one in small_world.noted.denials] == [
        (Denial.NOT_PERMITTED, "/v1/silences", {}),
        (Denial.OTHER_TEAM, "/v1/teams/{team}/queue", {"team": "legal"}),
    ]


async def test_a_look_at_verbatims_is_noted_for_who_may_read_them(small_world: World) -> None:
    agent, viewer = await person_of(small_world, Role.AGENT), await person_of(small_world, Role.VIEWER)
    for headers in (agent, viewer):
        assert (await small_world.get("/v1/teams/drivers/queue", headers=headers)).status_code == 200
    assert [(one.who.name, one.path, dict(one.names)) for one in small_world.noted.looks] == [
        ("agent of all", "/v1/teams/{team}/queue", {"team": "drivers"})
    ]


async def test_nothing_that_is_kept_or_logged_opens_a_door(
    small_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await small_world.keys.keep(KEY)
    await statuses(small_world, bearing(KEY), WRONG)
    kept = repr(await small_world.keys.keys())
    assert [text for text in (SECRET, "w" * 43, digest_of(SECRET)) if text in kept + capsys.readouterr().out] == []


async def test_a_key_with_fewer_permissions_than_its_role_may_do_those(small_world: World) -> None:
    producer = await person_of(small_world, Role.ADMIN, permissions=[Permission.PUBLISH])
    published = await small_world.client.post("/v1/events", json={}, headers=producer)
    assert (published.status_code, await statuses(small_world, producer)) == (422, [403])


async def test_a_key_that_is_revoked_ends_what_waits(small_world: World) -> None:
    await small_world.keys.keep(KEY)
    waiting = asyncio.create_task(small_world.get("/v1/teams/drivers/queue?wait=30", headers=bearing(KEY)))
    while not small_world.noted.looks:  # noqa: ASYNC110 - the app sets no event
        await asyncio.sleep(0)
    await small_world.keys.revoke(KEY.key_id, START)
    small_world.seconds += 5
    assert (await waiting).status_code == 401
