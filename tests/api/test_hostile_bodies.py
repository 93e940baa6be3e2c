"""Bodies that no honest client sends are problems of 4xx that say what is wrong, and never a failure."""

from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
import pytest

from tests.api.asking import ALERT, JSON, PRIVATE, QUEUE, ask, kind_of
from tests.api.world import World
from tests.builders import survey

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("key", [b"k" * 10_240, b"\xff\xfe", b"", b"a b", b"a\tb", b"\0"])
async def test_an_idempotency_key_out_of_bounds_is_refused(small_world: World, key: bytes) -> None:
    body, headers = b'{"revision": 0}', [JSON, (b"idempotency-key", key)]
    status, told = await ask(small_world, "POST", f"{ALERT}/ack".encode(), body, headers)
    assert (status, told["errors"][0]["pointer"]) == (422, "/header/idempotency-key")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"revision": ' + b"[" * 8_000 + b"]" * 8_000 + b"}", 400),
        (b'{"a": ' * 2_700, 400),
        (b'{"revision": ' + b"9" * 10_000 + b"}", 400),
        (b'{"revision": 1e400}', 422),
        (b'{"revision": NaN}', 422),
        (b'{"revision": 0.5}', 422),
        (b'{"revision": 0, "by": "a\\u0000b"}', 422),
        (b'{"revision": 0, "by": "a\\u0085b"}', 422),
        (b'{"revision": 0, "by": "\\ud800"}', 422),
        (b'{"revision": 0, "by": "\xed\xa0\x80"}', 422),
        (b"null", 422),
        (b"", 422),
    ],
    ids=lambda value: value[:24] if isinstance(value, bytes) else value,
)
async def test_an_act_that_can_not_be_read_is_refused_with_its_reason(
    small_world: World, body: bytes, status: int
) -> None:
    answered, told = await ask(small_world, "POST", f"{ALERT}/ack".encode(), body, [JSON])
    assert (answered, bool(told["detail"])) == (status, True)


async def test_a_revision_may_be_written_as_programs_write_it_whose_numbers_are_all_floats(world: World) -> None:
    await world.push(MINUTE, survey("r1", 0, "late, awful"))
    alert = await world.alert_of("drivers")
    done = await world.client.post(f"/v1/alerts/{alert['alert_id']}/ack", json={"revision": float(alert["revision"])})
    assert (done.status_code, done.json()["ack"]["by"]) == (200, "api")


@pytest.mark.parametrize("kind", [b"text/plain", b"multipart/form-data", b"", b"\xff", b"application/jsonx"])
async def test_an_act_of_another_media_type_is_refused(small_world: World, kind: bytes) -> None:
    headers = [(b"content-type", kind)]
    status, told = await ask(small_world, "POST", f"{ALERT}/ack".encode(), b'{"revision": 0}', headers)
    assert (status, told["detail"]) == (415, "send application/json")


async def test_a_member_that_a_client_made_up_is_not_repeated(small_world: World) -> None:
    made_up = orjson.dumps({"revision": 0, f"call {PRIVATE}": 1})
    _, told = await ask(small_world, "POST", f"{ALERT}/ack".encode(), made_up, [JSON])
    named = orjson.dumps({"documents": {f"call {PRIVATE}": ""}})
    _, shelved = await ask(small_world, "PUT", b"/v1/playbook", named, [JSON])
    _, asked = await ask(small_world, "GET", QUEUE.encode() + b"?call%20" + PRIVATE.replace(" ", "%20").encode())
    places = [told["errors"][0]["pointer"], shelved["errors"][0]["pointer"], asked["errors"][0]["pointer"]]
    assert places == ["/body/?", "/body/documents/?/[key]", "/query/?"]
    assert PRIVATE not in str((told, shelved, asked))


async def test_of_very_many_faults_a_hundred_are_told(small_world: World) -> None:
    body = orjson.dumps({f"k{at}": 1 for at in range(1_500)})
    status, told = await ask(small_world, "POST", f"{ALERT}/ack".encode(), body, [JSON])
    assert (status, told["detail"], len(told["errors"])) == (422, "1501 faults", 100)


@pytest.mark.parametrize("encoding", [b"gzip", b"deflate", b"br", b"zstd", b"identity, gzip", b"x"])
async def test_a_compressed_body_is_refused_and_never_unpacked(small_world: World, encoding: bytes) -> None:
    headers = [JSON, (b"content-encoding", encoding)]
    status, told = await ask(small_world, "POST", b"/v1/events", b"\x1f\x8b", headers)
    assert (status, told["detail"]) == (415, "send it without Content-Encoding")


@pytest.mark.parametrize("length", [b"9" * 5_000, "²".encode("latin-1"), b"-1", b"1e3", b"0x10", b"1 2", b""])
async def test_a_length_that_is_no_number_is_refused(small_world: World, length: bytes) -> None:
    status, told = await ask(small_world, "POST", b"/v1/events", b"{}", [JSON, (b"content-length", length)])
    assert (status, told["detail"]) == (400, "Content-Length is not a number")


async def test_a_body_that_never_ends_is_cut_off_at_the_limit(small_world: World) -> None:
    given = 0

    async def for_ever() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 65_536
            yield b" " * 65_536

    status, told = await ask(small_world, "POST", b"/v1/events", for_ever(), [JSON])
    assert (status, kind_of(told), given) == (413, "too-large", 17 * 65_536)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"[" * 500_000, 400),
        ("application/cloudevents+json", b'{"a":' * 150_000, 422),
        ("application/cloudevents-batch+json", b"[" + b"{}," * 99_999 + b"{}]", 400),
        ("application/cloudevents-batch+json", b"[" + b"1" * 900_000 + b"]", 400),
        ("application/json", b'[{"id": "\\ud800"}]', 400),
        ("application/json", b"[1e999]", 400),
        ("application/json", b'[{"id": "a\\u0000b"}]', 400),
        ("application/json", b"\xef\xbb\xbf[{}]", 422),
        ("application/json", orjson.dumps([{"x" * 100: "y" * 1_800}] * 500), 422),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else value,
)
async def test_a_batch_that_can_not_be_read_is_refused_whole(
    small_world: World, kind: str, body: bytes, status: int
) -> None:
    answered, told = await ask(small_world, "POST", b"/v1/events", body, [(b"content-type", kind.encode())])
    assert (answered, bool(told["detail"]), small_world.sent.records) == (status, True, [])


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "10000-01-01T00:00:00Z", ""])
async def test_an_event_of_no_time_on_any_calendar_is_refused(small_world: World, at: str) -> None:
    answer = await small_world.client.post("/v1/events", json=survey("r1", 0, "late") | {"time": at})
    assert (answer.status_code, answer.json()["errors"][0]["reason"]) == (422, "bad_time")


@pytest.mark.parametrize(
    "text",
    [
        b"a: \0",
        b"[" * 200_000,
        b"{a: " * 3_000,
        b"version: " + b"9" * 10_000,
        b"a: !!python/object/apply:os.system ['true']",
        b"name: 2001-99-99",
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        b"".join(b"k%d: 1\n" % at for at in range(2_000)),
    ],
    ids=lambda text: text[:20],
)
async def test_a_playbook_that_is_no_playbook_is_refused_with_its_faults(small_world: World, text: bytes) -> None:
    headers = [(b"content-type", b"application/yaml")]
    status, told = await ask(small_world, "PUT", b"/v1/playbook", text, headers)
    assert (status, kind_of(told), 0 < len(told["errors"]) <= 500) == (422, "invalid-playbook", True)
