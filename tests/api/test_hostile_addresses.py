"""Addresses and headers that no honest client sends are problems of 4xx that say what is wrong, on either store."""

from base64 import urlsafe_b64encode

import orjson
import pytest

from tests.api.asking import ALERT, QUEUE, ask, kind_of
from tests.api.world import ALLOWED, World

QUEUE_PLACE = {"state": "open", "severity": "high", "last_seen": "2026-05-04T09:00:00Z", "alert_id": "a"}
REVIEW_PLACE = {"ends_at": "2026-05-04T00:00:00Z", "process": "p", "category": "c", "region": ""}
SILENCE_PLACE = {"created_at": "2026-05-04T09:00:00Z", "silence_id": "s"}
MEMBER_PLACE = {"source": "/s", "subject": "s", "part": ""}


def _cursor(place: object) -> bytes:
    text = place if isinstance(place, bytes) else orjson.dumps(place)
    return urlsafe_b64encode(text).rstrip(b"=")


def _spoilt(place: dict[str, str], *, moment: str | None = None) -> list[object]:
    name = next(reversed(place))
    spoilt: list[object] = [
        place | {name: "a\0b"},
        place | {"more": 1},
        {key: value for key, value in place.items() if key != name},
        [place],
        orjson.dumps(place)[:-1],
        orjson.dumps(place) + b" ",
        b"[" * 1_400,
        b'{"%s": "\\ud800"}' % name.encode(),
    ]
    if moment is not None:
        moments = ("2026-05-04T09:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300)
        spoilt += [place | {moment: at} for at in moments]
    return spoilt


@pytest.mark.parametrize("place", _spoilt(QUEUE_PLACE, moment="last_seen"), ids=repr)
async def test_a_forged_place_in_a_queue_is_refused(world: World, place: object) -> None:
    status, told = await ask(world, "GET", QUEUE.encode() + b"?cursor=" + _cursor(place))
    assert (status, told["detail"]) == (400, "the cursor was not written here")


@pytest.mark.parametrize("place", _spoilt(REVIEW_PLACE), ids=repr)
async def test_a_forged_place_among_reviews_is_refused(world: World, place: object) -> None:
    status, told = await ask(world, "GET", b"/v1/reviews?cursor=" + _cursor(place))
    assert (status, told["detail"]) == (400, "the cursor was not written here")


@pytest.mark.parametrize("place", _spoilt(SILENCE_PLACE, moment="created_at"), ids=repr)
async def test_a_forged_place_among_silences_is_refused(world: World, place: object) -> None:
    status, told = await ask(world, "GET", b"/v1/silences?cursor=" + _cursor(place))
    assert (status, told["detail"]) == (400, "the cursor was not written here")


@pytest.mark.parametrize("place", _spoilt(MEMBER_PLACE), ids=repr)
async def test_a_forged_place_among_an_alerts_events_is_refused(small_world: World, place: object) -> None:
    status, told = await ask(small_world, "GET", ALERT.encode() + b"/events?cursor=" + _cursor(place))
    assert (status, told["detail"]) == (400, "the cursor was not written here")


@pytest.mark.parametrize("place", [QUEUE_PLACE, QUEUE_PLACE | {"state": "resolved"}])
async def test_a_place_that_nothing_stands_at_any_more_is_read(world: World, place: dict[str, str]) -> None:
    assert (await ask(world, "GET", QUEUE.encode() + b"?cursor=" + _cursor(place)))[0] == 200


@pytest.mark.parametrize(
    "query",
    [
        *(b"limit=" + value for value in (b"9" * 31, b"9" * 5_000, b"-1", b"0", b"NaN", b"1e3", b"\xff", b"")),
        *(b"wait=" + value for value in (b"nan", b"inf", b"-1", b"9" * 400)),
        *(b"category=" + value for value in (b"%00", b"%0A", b"x" * 201, b"")),
        b"&".join([b"process=x"] * 51),
        b"&".join([b"state=open"] * 51),
        b"%00=1",
        b"befor=1",
    ],
    ids=lambda query: query[:20],
)
async def test_a_query_out_of_bounds_is_refused_with_its_place(world: World, query: bytes) -> None:
    status, told = await ask(world, "GET", QUEUE.encode() + b"?" + query)
    assert (status, kind_of(told), told["errors"][0]["pointer"].startswith("/query/")) == (422, "invalid", True)


@pytest.mark.parametrize(
    "path", ["/v1/reviews", "/v1/silences", "/v1/dead-letters", "/v1/playbook/history", f"{ALERT}/notices"]
)
async def test_a_misspelt_part_of_a_query_is_named(small_world: World, path: str) -> None:
    status, told = await ask(small_world, "GET", path.encode() + b"?limt=2")
    assert (status, told["errors"]) == (
        422,
        [{"pointer": "/query/limt", "code": "extra_forbidden", "detail": "Extra inputs are not permitted"}],
    )


@pytest.mark.parametrize("number", [b"0", b"-1", b"9223372036854775808", b"9" * 9_000, b"%00", b"%ED%A0%80"])
async def test_a_number_that_no_dead_letter_can_have_is_refused(world: World, number: bytes) -> None:
    assert (await ask(world, "GET", b"/v1/dead-letters/" + number))[0] == 422
    assert (await ask(world, "GET", b"/v1/dead-letters?before=" + number))[0] == 422


@pytest.mark.parametrize(
    "path",
    [
        *(b"/v1/alerts/" + name + b"/notices" for name in (b"%00", b"%ED%A0%80", b"x" * 10_000, b"%2e%2e", b"%")),
        *(b"/v1/teams/" + name + b"/queue" for name in (b"%00", b"%FF", b"a" * 10_000, b"drivers%0A")),
        *(b"/v1/playbook/" + name for name in (b"0" * 65, b"%00", b"0" * 63 + b"%0A")),
    ],
    ids=lambda path: path[:24],
)
async def test_a_name_that_nothing_can_have_is_refused(world: World, path: bytes) -> None:
    status, told = await ask(world, "GET", path)
    assert (status, kind_of(told)) == (422, "invalid")


@pytest.mark.parametrize(
    "name",
    [b"%2Fs/%ED%A0%80", b"%2Fs/%00", b"%FF/x", b"a%2/b", b"a/" + b"b" * 10_000, b"%252Fsurveys/r1-1", b"/", b"a"],
    ids=lambda name: name[:20],
)
async def test_an_event_of_an_impossible_name_is_not_found(world: World, name: bytes) -> None:
    status, told = await ask(world, "GET", b"/v1/events/" + name + b"/explain")
    assert (status, kind_of(told)) == (404, "not-found")


@pytest.mark.parametrize("path", [b"/v1/teams?" + b"&" * 32_768, b"/" + b"x" * 32_768])
async def test_an_address_above_32_kib_is_refused(small_world: World, path: bytes) -> None:
    status, told = await ask(small_world, "GET", path)
    assert (status, kind_of(told)) == (431, "head-too-large")


async def test_headers_are_read_up_to_32_kib(small_world: World) -> None:
    known = len("/v1/teams") + len("hostlocalhost") + len("authorization") + len(ALLOWED["Authorization"])
    room = 32_768 - known - 1
    at_the_limit = await ask(small_world, "GET", b"/v1/teams", headers=[(b"x", b"y" * room)])
    beyond = await ask(small_world, "GET", b"/v1/teams", headers=[(b"x", b"y" * (room + 1))])
    assert (at_the_limit[0], beyond[0]) == (200, 431)


@pytest.mark.parametrize("method", ["BREW", "TRACE", "PATCH", "DELETE", "OPTIONS", "HEAD", "POST"])
async def test_a_method_that_is_not_known_is_answered_with_those_that_are(small_world: World, method: str) -> None:
    answer = await small_world.client.request(method, "/v1/playbook")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PUT")
