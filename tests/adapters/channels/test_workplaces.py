"""Slack, Teams and PagerDuty against servers that answer as their references say."""

from typing import Any

from msgspec.structs import replace

from service.core.records.deliveries import Attempt, Known
from service.core.records.words import Attempted, Tiding
from tests.adapters.channels.serving import Answer, said, send, serving
from tests.delivering import HOOK, PAGER, SECRET, SLACK, TEAMS, deliveries_of, story, told_by

NOTICE = deliveries_of(story(told_by(HOOK)))[0]
POSTED = said(ok=True, channel="C0123", ts="1714.0001")
HANDLE = "C0123:1714.0001"
BOT = {SECRET: "xoxb-token"}


def resolved(**changes: Any) -> Any:  # noqa: ANN401 - a delivery, changed
    payload = str(NOTICE.payload).replace('"reason":"opened"', '"reason":"resolved"')
    return replace(NOTICE, payload=payload, revision=2, **changes)


def worse() -> Any:  # noqa: ANN401 - as above
    payload = str(NOTICE.payload).replace('"reason":"opened"', '"reason":"severity_increased"')
    return replace(NOTICE, payload=payload, revision=2)


async def test_slack_is_posted_to_once_and_says_where_the_message_is() -> None:
    async with serving(POSTED) as served:
        attempt = await send(NOTICE, SLACK, BOT, url=served.url)
    assert (attempt.outcome, attempt.handle) == (Attempted.ACCEPTED, HANDLE)
    (asked,) = served.asked
    assert (asked.path, asked.headers["authorization"]) == ("/chat.postMessage", "Bearer xoxb-token")
    assert asked.json()["channel"] == "C0123"
    assert asked.json()["metadata"]["event_payload"]["idempotency_key"] == NOTICE.key


async def test_later_news_update_the_message_in_place_and_an_end_interrupts_nobody() -> None:
    async with serving(POSTED) as served:
        attempt = await send(resolved(), SLACK, BOT, known=Known(revision=1, handle=HANDLE), url=served.url)
    assert attempt == Attempt(outcome=Attempted.ACCEPTED, handle=HANDLE)
    assert [(one.path, one.json()["ts"]) for one in served.asked] == [("/chat.update", "1714.0001")]


async def test_what_somebody_must_look_up_for_is_a_reply_as_well() -> None:
    async with serving(POSTED, POSTED) as served:
        attempt = await send(worse(), SLACK, BOT, known=Known(revision=1, handle=HANDLE), url=served.url)
    assert (attempt.outcome, attempt.handle) == (Attempted.ACCEPTED, HANDLE)
    assert [one.path for one in served.asked] == ["/chat.update", "/chat.postMessage"]
    assert (served.asked[1].json()["thread_ts"], served.asked[1].json()["reply_broadcast"]) == ("1714.0001", True)


async def test_a_reply_that_failed_makes_the_whole_wait_to_be_tried_again() -> None:
    async with serving(POSTED, Answer(status=503)) as served:
        attempt = await send(worse(), SLACK, BOT, known=Known(revision=1, handle=HANDLE), url=served.url)
    assert (attempt.outcome, attempt.handle) == (Attempted.FAILED, HANDLE)


async def test_a_message_that_somebody_deleted_is_posted_anew() -> None:
    gone, anew = said(ok=False, error="message_not_found"), said(ok=True, channel="C0123", ts="1715.0009")
    async with serving(gone, anew) as served:
        attempt = await send(resolved(), SLACK, BOT, known=Known(revision=1, handle=HANDLE), url=served.url)
    assert (attempt.outcome, attempt.handle) == (Attempted.ACCEPTED, "C0123:1715.0009")


async def test_slack_throttles_with_a_status_and_refuses_in_the_body() -> None:
    async with serving(
        Answer(status=429, headers={"retry-after": "7"}), said(ok=False, error="not_in_channel")
    ) as served:
        throttled = await send(NOTICE, SLACK, BOT, url=served.url)
        refused = await send(NOTICE, SLACK, BOT, url=served.url)
    assert (throttled.outcome, throttled.retry_after and throttled.retry_after.seconds) == (Attempted.THROTTLED, 7)
    assert (refused.outcome, refused.detail) == (Attempted.REFUSED, "not_in_channel")


async def test_an_incoming_webhook_of_slack_takes_plain_messages_alone() -> None:
    async with serving(Answer(body=b"ok")) as served:
        given = {name: value for name, value in SLACK.items() if name != "channel"}
        attempt = await send(NOTICE, given, {SECRET: served.url + "/services/T/B/x"})
    assert (attempt.outcome, attempt.handle) == (Attempted.ACCEPTED, None)
    (asked,) = served.asked
    assert asked.path == "/services/T/B/x"
    assert "metadata" not in asked.json()


async def test_a_teams_workflow_gets_a_card_at_the_address_that_is_its_secret() -> None:
    async with serving(Answer(status=202)) as served:
        attempt = await send(NOTICE, TEAMS, {SECRET: served.url + "/workflows/1?sig=x"})
    assert attempt == Attempt(outcome=Attempted.ACCEPTED, detail="HTTP 202")
    (asked,) = served.asked
    assert (asked.path, asked.json()["type"]) == ("/workflows/1?sig=x", "message")


async def test_an_address_that_is_none_is_not_sent_to() -> None:
    for given in (TEAMS, {name: value for name, value in SLACK.items() if name != "channel"}):
        for address in ("http://example.com/x", "https://user:word@example.com/", "nothing"):
            attempt = await send(NOTICE, given, {SECRET: address})
            assert attempt.outcome is Attempted.NOT_SET_UP


async def test_pagerduty_is_told_of_the_beginning_the_acknowledgement_and_the_end_of_one_incident() -> None:
    acked = replace(NOTICE, tiding=Tiding.ACKNOWLEDGED, payload="{}")
    taken = Answer(status=202, body=b'{"status": "success", "message": "Event processed"}')
    async with serving(taken, taken, taken) as served:
        for one in (NOTICE, acked, resolved()):
            attempt = await send(one, PAGER, {SECRET: "routing-key"}, url=served.url + "/v2/enqueue")
            assert attempt.outcome is Attempted.ACCEPTED
    assert [(one.json()["event_action"], one.json()["dedup_key"]) for one in served.asked] == [
        ("trigger", NOTICE.thread),
        ("acknowledge", NOTICE.thread),
        ("resolve", NOTICE.thread),
    ]


async def test_an_event_that_pagerduty_finds_invalid_is_refused() -> None:
    async with serving(Answer(status=400, body=b'{"status": "invalid event"}')) as served:
        attempt = await send(NOTICE, PAGER, {SECRET: "routing-key"}, url=served.url)
    assert attempt == Attempt(outcome=Attempted.REFUSED, detail="HTTP 400")
