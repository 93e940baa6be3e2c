from datetime import timedelta

from service.core.pipeline.read import read
from service.core.records.feedback import Message
from service.ports import Original, PartitionKey
from service.runtime.batch import run_batch
from tests.api.world import World
from tests.builders import KEY, START, survey

MINUTE = timedelta(minutes=1)
WEEK = timedelta(weeks=1)


async def _broken(world: World, count: int) -> None:
    (lease,) = await world.store.claim([PartitionKey(cluster="c", group="g", topic="feedback.surveys", partition=0)])
    rules = world.rulebook.rules
    values = [b'{"id": "call 020 7946 0958"' if at else b'{"text": "call 020 7946 0958"}' for at in range(count)]
    records = [
        one
        for at, value in enumerate(values)
        for one in read(
            Message(topic="feedback.surveys", partition=0, offset=at, key=b"k", value=value, received_at=START),
            rules,
            KEY,
        )
    ]
    await run_batch(world.store, lease, records, count, rules, lambda _: START)


async def test_dead_letters_are_listed_latest_first_page_by_page(world: World) -> None:
    await _broken(world, 3)
    first = await world.read("/v1/dead-letters", params={"limit": 2})
    rest = await world.read("/v1/dead-letters", params={"limit": 2, "before": first["next"]})
    assert [one["offset"] for one in (*first["dead_letters"], *rest["dead_letters"])] == [2, 1, 0]
    assert rest["next"] is None
    assert {name: rest["dead_letters"][0][name] for name in ("stage", "reason", "detail", "topic", "at")} == {
        "stage": "intake",
        "reason": "unsupported_mode",
        "detail": "specversion: missing",
        "topic": "feedback.surveys",
        "at": "2026-05-04T09:00:00Z",
    }
    assert "payload" not in rest["dead_letters"][0]


async def test_a_dead_letter_shows_its_payload_redacted_where_it_was_json(world: World) -> None:
    await _broken(world, 2)
    numbers = [one["number"] for one in (await world.read("/v1/dead-letters"))["dead_letters"]]
    payloads = [(await world.read(f"/v1/dead-letters/{number}"))["payload"] for number in numbers]
    assert payloads == [None, '{"text":"call [phone]"}']


async def test_the_original_of_a_dead_letter_is_sent_again_as_it_was(world: World) -> None:
    await _broken(world, 2)
    number = (await world.read("/v1/dead-letters"))["dead_letters"][0]["number"]
    original = Original(key=b"k", value=b"as it was", headers=(("ce_id", b"r1"),))
    world.sent.kept["feedback.surveys", 0, 1] = original
    answer = await world.client.post(f"/v1/dead-letters/{number}/requeue")
    assert (answer.status_code, answer.json()) == (202, {"requeued": number, "topic": "feedback.surveys"})
    assert world.sent.records == [("feedback.surveys", original.key, original.value)]
    assert world.sent.headers == [original.headers]


async def test_what_kafka_no_longer_has_can_not_be_sent_again(world: World) -> None:
    await _broken(world, 1)
    number = (await world.read("/v1/dead-letters"))["dead_letters"][0]["number"]
    gone = await world.client.post(f"/v1/dead-letters/{number}/requeue")
    never = await world.client.post("/v1/dead-letters/99/requeue")
    assert (gone.status_code, gone.json()["type"], gone.json()["detail"]) == (
        410,
        "urn:feedback-router:problem:original-gone",
        "feedback.surveys [0] at 0",
    )
    assert (never.status_code, world.sent.records) == (404, [])


async def test_a_dead_letter_that_never_was_is_not_found(world: World) -> None:
    assert (await world.get("/v1/dead-letters/99")).status_code == 404


async def test_reviews_are_listed_newest_week_first_page_by_page(world: World) -> None:
    for week in range(7):
        people = 2 if week < 5 else 40
        events = [survey(f"w{week}-{at}", 0, "late", customer=f"c{week}-{at}") for at in range(people)]
        await world.push(week * WEEK + MINUTE, *events)
    await world.wait(9 * WEEK)
    whole = (await world.read("/v1/reviews"))["reviews"]
    assert [one["finding"]["transition"] for one in whole][-1] == "opened"
    assert sorted((one["window_end"] for one in whole), reverse=True) == [one["window_end"] for one in whole]
    drawn = await world.get(f"/v1/alerts/{whole[0]['alert_id']}/picture")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert drawn.text.startswith("<svg ")
    paged, cursor = [], None
    while True:
        page = await world.read("/v1/reviews", params={"limit": 1} | ({"cursor": cursor} if cursor else {}))
        paged += page["reviews"]
        cursor = page["next"]
        if cursor is None:
            break
    assert paged == whole
    alert = await world.read(f"/v1/alerts/{whole[-1]['alert_id']}")
    assert (alert["kind"], alert["process"], alert["category"]) == ("volume", "shipping", "delivery")


async def test_there_is_nothing_to_list_at_first(world: World) -> None:
    assert await world.read("/v1/reviews") == {"reviews": [], "next": None}
    assert await world.read("/v1/dead-letters") == {"dead_letters": [], "next": None}
