"""The webhook against a server that reads the signature with the standard's library, is slow, throttles and fails."""

import base64
from datetime import timedelta
from typing import Any

import orjson
import pytest
from standardwebhooks import Webhook

from service.core.deliver import after
from service.core.records.deliveries import Attempt, Tries
from service.core.records.words import Attempted
from tests.adapters.channels.serving import Answer, certificate, send, serving
from tests.builders import START
from tests.delivering import HOOK, SECRET, make_delivery

KEY, NEXT = ("whsec_" + base64.b64encode(bytes([one] * 32)).decode() for one in (1, 2))
SECRETS = {SECRET: KEY}
EVENT = make_delivery(payload=orjson.dumps({"id": "alert-1:1", "data": {"title": "Spät"}}).decode())


@pytest.fixture
def at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library of the standard read its clock when the messages were sent."""

    class Clock:
        @staticmethod
        def now(tz: Any) -> object:  # noqa: ANN401 - a zone
            return START.astimezone(tz)

        @staticmethod
        def fromtimestamp(seconds: float, tz: Any) -> object:  # noqa: ANN401 - a zone
            return START.fromtimestamp(seconds, tz)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Clock)


async def test_a_receiver_reads_the_event_and_its_signature_by_the_old_key_and_the_next(at_start: None) -> None:
    async with serving() as served:
        secrets = SECRETS | {"FEEDBACK_ROUTER_SECRET_NEXT": NEXT}
        sent = await send(EVENT, HOOK, secrets, url=served.url + "/hook", next_secret="FEEDBACK_ROUTER_SECRET_NEXT")
    assert sent == Attempt(outcome=Attempted.ACCEPTED, detail="HTTP 200")
    (asked,) = served.asked
    assert (asked.path, asked.headers["content-type"], asked.headers["webhook-id"], asked.headers["host"]) == (
        "/hook",
        "application/cloudevents+json; charset=UTF-8",
        "alert-1:1",
        served.url.removeprefix("http://"),
    )
    for key in (KEY, NEXT):
        assert Webhook(key).verify(asked.body, asked.headers) == {"id": "alert-1:1", "data": {"title": "Spät"}}


async def test_a_receiver_that_throttles_then_fails_gets_the_same_id_each_time_until_it_takes_it() -> None:
    answers = (Answer(status=429, headers={"retry-after": "30"}), Answer(status=500), Answer(status=204))
    tries, now, waits = Tries(), START, list[timedelta | None]()
    async with serving(*answers) as served:
        for _ in answers:
            attempt = await send(EVENT, HOOK, SECRETS, url=served.url)
            judged = after(attempt, tries, now, jitter=1.0, give_up_after=timedelta(days=1))
            tries = judged.tries
            waits.append(None if judged.due_at is None else judged.due_at - now)
    assert waits == [timedelta(seconds=30), timedelta(seconds=10), None]
    assert {one.headers["webhook-id"] for one in served.asked} == {"alert-1:1"}
    assert (tries.count, tries.last) == (3, Attempted.ACCEPTED)


@pytest.mark.parametrize(
    ("answer", "attempt"),
    [
        (Answer(status=404), Attempt(outcome=Attempted.REFUSED, detail="HTTP 404")),
        (Answer(status=302, headers={"location": "/x"}), Attempt(outcome=Attempted.REFUSED, detail="HTTP 302")),
        (Answer(status=503), Attempt(outcome=Attempted.FAILED, detail="HTTP 503")),
        (Answer(body=b"x" * 500_000), Attempt(outcome=Attempted.ACCEPTED, detail="HTTP 200")),
    ],
)  # fmt: skip
async def test_each_answer_is_judged_by_its_status_and_none_is_followed(answer: Answer, attempt: Attempt) -> None:
    async with serving(answer) as served:
        assert await send(EVENT, HOOK, SECRETS, url=served.url) == attempt
    assert len(served.asked) == 1


async def test_a_receiver_that_never_answers_is_left_in_time() -> None:
    async with serving(Answer(status=None)) as served:
        attempt = await send(EVENT, HOOK, SECRETS, url=served.url, seconds=0.1)
    assert attempt == Attempt(outcome=Attempted.TIMED_OUT)


async def test_nobody_at_the_other_end_is_unreachable() -> None:
    async with serving() as served:
        pass
    attempt = await send(EVENT, HOOK, SECRETS, url=served.url)
    assert attempt.outcome is Attempted.UNREACHABLE


async def test_an_address_of_the_own_network_is_not_even_knocked_at_unless_the_operator_says_so() -> None:
    async with serving() as served:
        port = served.url.rpartition(":")[2]
        for host in ("127.0.0.1", "localhost"):
            attempt = await send(EVENT, HOOK, SECRETS, url=f"http://{host}:{port}", private=False)
            assert attempt == Attempt(outcome=Attempted.FORBIDDEN_ADDRESS)
    assert served.asked == []


@pytest.mark.parametrize("secrets", [{}, {SECRET: ""}, {SECRET: "not of the standard"}])
async def test_without_a_secret_of_the_standard_nothing_is_sent(secrets: dict[str, str]) -> None:
    async with serving() as served:
        attempt = await send(EVENT, HOOK, secrets, url=served.url)
    assert (attempt.outcome, served.asked) == (Attempted.NOT_SET_UP, [])


async def test_by_https_the_certificate_must_be_that_of_the_name_though_the_connection_is_to_its_address() -> None:
    server, trusted = certificate()
    async with serving(certified=server) as served:
        taken = await send(EVENT, HOOK, SECRETS, url=served.url, trusted=trusted)
        unknown = await send(EVENT, HOOK, SECRETS, url=served.url)
        other = await send(EVENT, HOOK, SECRETS, url=served.url.replace("localhost", "127.0.0.1"), trusted=trusted)
    assert [one.outcome for one in (taken, unknown, other)] == [
        Attempted.ACCEPTED,
        Attempted.UNREACHABLE,
        Attempted.UNREACHABLE,
    ]
    assert [one.headers["host"] for one in served.asked] == [served.url.removeprefix("https://")]
