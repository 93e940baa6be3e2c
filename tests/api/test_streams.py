from datetime import timedelta

import pytest

from service.api.routes import streams
from service.api.streaming import MOST_FRAMES, Listener
from service.ports import OutOfReachError
from tests.api.asking import kind_of
from tests.api.following import following
from tests.api.world import World
from tests.builders import survey

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def _late(world: World, number: int, at: timedelta) -> None:
    await world.push(at, survey(f"r{number}", 0, "late, awful", customer=f"c{number}"))


async def test_a_console_gets_a_snapshot_and_then_each_alert_that_comes_changes_or_goes(world: World) -> None:
    async with following(world) as console:
        (snapshot,) = await console.until(1)
        assert (console.status, console.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert (console.headers["cache-control"], console.headers["x-accel-buffering"]) == ("no-store", "no")
        assert (snapshot.name, snapshot.data) == ("snapshot", {"team": "drivers", "alerts": [], "left_off": False})
        await _late(world, 1, MINUTE)
        assert [one.name for one in await console.until(2)][1:] == ["alert"]
        await world.wait(HOUR)
        told = (await console.until(3))[-1]
        alert = await world.alert_of("drivers")
        assert (told.name, told.data) == ("alert", alert)
        await world.client.post(f"/v1/alerts/{alert['alert_id']}/resolve", json={"revision": alert["revision"]})
        gone = (await console.until(4))[-1]
        assert (gone.name, gone.data) == ("gone", {"alert_id": alert["alert_id"]})


async def test_the_snapshot_is_the_queue_as_it_is_read_otherwise(world: World) -> None:
    await _late(world, 1, MINUTE)
    await world.push(2 * MINUTE, survey("r2", 0, "late, fire", customer="c2"))
    await world.wait(HOUR)
    async with following(world) as console:
        (snapshot,) = await console.until(1)
    assert snapshot.data["alerts"] == (await world.read("/v1/teams/drivers/queue"))["alerts"]


async def test_what_is_given_to_another_team_leaves_one_stream_and_enters_the_other(world: World) -> None:
    await _late(world, 1, MINUTE)
    await world.wait(HOUR)
    alert = await world.alert_of("drivers")
    async with following(world) as here, following(world, "legal") as there:
        await here.until(1)
        await there.until(1)
        body = {"revision": alert["revision"], "team": "legal"}
        await world.client.post(f"/v1/alerts/{alert['alert_id']}/reassign", json=body)
        assert (await here.until(2))[1].name == "gone"
        assert (await there.until(2))[1].data["alert_id"] == alert["alert_id"]


async def test_who_comes_back_is_told_what_it_missed_as_long_as_another_listens(small_world: World) -> None:
    async with following(small_world) as stays:
        await stays.until(1)
        async with following(small_world) as leaves:
            (first,) = await leaves.until(1)
        await _late(small_world, 1, MINUTE)
        missed = (await stays.until(2))[1:]
        async with following(small_world, last=first.id) as back:
            assert await back.until(1) == missed
        async with following(small_world, last=missed[-1].id) as back:
            await small_world.wait(HOUR)
            assert [one.name for one in await back.until(1)] == ["alert"]


@pytest.mark.parametrize("last", ["nonsense", "0123456789ab-1", "-", "²-²"])
async def test_and_gets_everything_anew_where_nobody_knows_any_more(small_world: World, last: str) -> None:
    await _late(small_world, 1, MINUTE)
    async with following(small_world, last=last.encode().decode("latin-1")) as console:
        (snapshot,) = await console.until(1)
    assert (snapshot.name, len(snapshot.data["alerts"])) == ("snapshot", 1)


async def test_a_drained_service_sends_its_consoles_away_and_says_when_to_come_back(small_world: World) -> None:
    async with following(small_world) as one, following(small_world) as other:
        await one.until(1)
        await other.until(1)
        small_world.health.drain()
        await one.end()
        await other.end()
    assert sorted(console.events[-1].retry or 0 for console in (one, other)) == [1000, 3000]


async def test_who_reads_too_slowly_is_cut_off_and_costs_no_more(small_world: World) -> None:
    async with following(small_world) as slow, following(small_world) as quick:
        await slow.until(1)
        await quick.until(1)
        slow.takes.clear()
        for number in range(MOST_FRAMES + 3):
            await _late(small_world, number, (number + 1) * MINUTE)
            await quick.until(number + 2)
        slow.takes.set()
        await slow.end()
        assert not quick.over
    assert len(slow.events) < len(quick.events)


def test_what_waits_for_a_slow_reader_is_bounded() -> None:
    listener = Listener(b"first")
    for number in range(10 * MOST_FRAMES):
        listener.hear(b"%d" % number)
    assert (len(listener.frames), listener.over) == (0, b"")


async def test_a_stream_that_has_nothing_to_say_shows_that_it_lives(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "BEAT_SECONDS", 0.01)
    async with following(small_world) as console:
        await console.until(1)
        async with console.news:
            await console.news.wait_for(lambda: console.body.endswith(b": still here\n\n"))


async def test_only_so_many_follow_at_once_and_each_gives_its_place_back(small_world: World) -> None:
    small_world.app.state.services.streams._most = 1  # noqa: SLF001 - four hundred would take long.
    async with following(small_world) as one:
        await one.until(1)
        refused = await small_world.get("/v1/teams/drivers/stream")
        assert (refused.status_code, kind_of(refused.json()), refused.headers["retry-after"]) == (503, "crowded", "1")
    async with following(small_world) as one:
        assert len(await one.until(1)) == 1


async def test_who_may_not_ask_and_what_is_not_there_get_an_answer_like_any_other(small_world: World) -> None:
    async with following(small_world, token=None) as stranger:
        await stranger.end()
    assert stranger.status == 401
    assert (await small_world.get("/v1/teams/nobody/stream")).status_code == 404


async def test_where_the_store_does_not_answer_at_first_the_console_is_told_so(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise OutOfReachError("postgres")

    monkeypatch.setattr(small_world.desk, "heads", away)
    assert (await small_world.get("/v1/teams/drivers/stream")).status_code == 503


async def test_a_stream_outlives_a_store_that_is_away_for_a_moment(
    small_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    heads = small_world.desk.heads

    async def sometimes(*given: object) -> object:
        nonlocal asked
        asked += 1
        if 1 < asked < 5:
            raise OutOfReachError("postgres")
        return await heads(*given)  # type: ignore[arg-type]  # As it was called.

    monkeypatch.setattr(small_world.desk, "heads", sometimes)
    async with following(small_world) as console:
        await console.until(1)
        await _late(small_world, 1, MINUTE)
        assert (await console.until(2))[1].name == "alert"


async def test_nobody_looks_at_queues_that_nobody_follows(small_world: World) -> None:
    async with following(small_world) as console:
        await console.until(1)
    hub = small_world.app.state.hub
    await hub._task  # noqa: SLF001 - what ends is the task itself.
    assert hub._channels == {}  # noqa: SLF001 - as above
