"""What each kind of channel is sent: by its own documented rules, and nothing of a customer's words as mark-up."""

import base64
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import orjson
import pytest
from msgspec.structs import replace
from standardwebhooks import Webhook

from service.core.deliver import Said, event_of, said
from service.core.deliver.mail import mail, plain
from service.core.deliver.msteams import card
from service.core.deliver.pagerduty import event
from service.core.deliver.slack import judged, message, reply
from service.core.deliver.webhook import key_of, signed
from service.core.records.deliveries import Delivery, Known
from service.core.records.words import Attempted, NoticeReason, Severity, Tiding
from tests.builders import START, Timeline, survey
from tests.delivering import HOOK, deliveries_of, make_delivery, told_by

NASTY = "late <!channel> [free](http://evil.example) *bold* & <script>alert(1)</script>\nFrom: boss"
URL = "https://feedback.example.com"


def told(*, days: int = 0) -> list[Delivery]:
    timeline = Timeline(told_by(HOOK))
    timeline.push(timedelta(), survey("r1", 0, NASTY, customer="anna"), survey("r2", 1, "so late", customer="ben"))
    timeline.wait(timedelta(days=days, minutes=2))
    return deliveries_of(timeline)


NOTICE = told()[0]
ALERT = NOTICE.thread
DIGEST = next(one for one in told(days=8) if one.tiding is Tiding.DIGEST)
TEST = make_delivery(tiding=Tiding.TEST, key="t-1:1", thread="t-1")
SAID = said(NOTICE, URL)


def texts(value: Any) -> list[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts(one)]
    return [value] if isinstance(value, str) else []


def with_notice(**changes: Any) -> Delivery:  # noqa: ANN401 - fields of a notice
    whole = orjson.loads(str(NOTICE.payload))
    return replace(NOTICE, payload=orjson.dumps({**whole, "data": whole["data"] | changes}).decode())


def test_a_person_reads_the_same_of_a_notice_everywhere() -> None:
    assert (SAID.subject, SAID.headline, SAID.news, SAID.severity, SAID.link, SAID.over, SAID.interrupts) == (
        f"delivery · shipping [{ALERT[:8]}]",
        "Late delivery · Shipping: 2 customers, high",
        "New alert",
        Severity.HIGH,
        f"{URL}/alerts/{ALERT}",
        False,
        True,
    )
    assert dict(SAID.facts) == {
        "Severity": "high",
        "Team": "drivers",
        "Category": "delivery",
        "Process": "shipping",
        "Customers": "2",
        "Events": "2",
        "First seen": "2026-05-04 09:00 UTC",
        "Last seen": "2026-05-04 09:00 UTC",
    }


def test_every_reason_has_words_and_only_an_end_is_over() -> None:
    found = {reason: said(with_notice(reason=reason.value), None) for reason in NoticeReason}
    assert all(one.news and one.link is None for one in found.values())
    assert {reason for reason, one in found.items() if one.over} == {NoticeReason.RESOLVED, NoticeReason.WITHDRAWN}
    assert {reason for reason, one in found.items() if not one.interrupts} == {
        NoticeReason.REPEAT,
        NoticeReason.RESOLVED,
        NoticeReason.WITHDRAWN,
        NoticeReason.DIGEST,
    }


def test_an_overdue_alert_says_what_was_due_and_when() -> None:
    overdue = {"what": "acknowledge", "level": 1, "since": "2026-05-04T10:00:00Z"}
    one = said(with_notice(reason="escalated", overdue=overdue), None)
    assert one.news == "Overdue: nobody has acknowledged it, which was due 2026-05-04 10:00 UTC"


def test_a_program_gets_the_message_of_the_queue_with_the_link_that_people_follow() -> None:
    queue = orjson.loads(str(NOTICE.payload))
    sent = orjson.loads(event_of(NOTICE, URL))
    assert sent["data"].pop("links") == {"console": f"{URL}/alerts/{ALERT}", "api": f"/v1/alerts/{ALERT}"}
    assert queue["data"].pop("links") == {"console": f"/alerts/{ALERT}", "api": f"/v1/alerts/{ALERT}"}
    assert sent == queue
    assert orjson.loads(event_of(DIGEST, URL)) == orjson.loads(str(DIGEST.payload))


def test_a_test_is_an_event_of_its_own_type() -> None:
    sent = orjson.loads(event_of(TEST, None))
    assert (sent["id"], sent["type"], sent["subject"]) == ("t-1:1", "feedback.channel_test.v1", "channel/hook")


SECRETS = ["whsec_" + base64.b64encode(bytes([one] * 24)).decode() for one in (1, 2)]


@pytest.mark.parametrize("secret", SECRETS)
def test_the_library_of_the_standard_takes_the_signature_by_either_key(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = event_of(NOTICE, URL)
    keys = [key for key in map(key_of, SECRETS) if key is not None]
    headers = dict(signed(body, NOTICE.key, START, keys))
    # The library compares the time with its own clock.
    monkeypatch.setattr("standardwebhooks.webhooks.datetime", _Frozen)
    assert Webhook(secret).verify(body, headers) == orjson.loads(body)
    assert headers["webhook-id"] == f"{ALERT}:1"


class _Frozen:
    """The part of the datetime module's class that the library asks."""

    @staticmethod
    def now(tz: Any) -> object:  # noqa: ANN401 - a zone
        return START.astimezone(tz)

    @staticmethod
    def fromtimestamp(timestamp: float, tz: Any) -> object:  # noqa: ANN401 - a zone
        return START.fromtimestamp(timestamp, tz)


@pytest.mark.parametrize(
    "secret", ["secret", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!", "whsec_" + base64.b64encode(bytes(65)).decode()]
)
def test_a_secret_that_the_standard_does_not_know_is_none(secret: str) -> None:
    assert key_of(secret) is None


def test_slack_gets_blocks_within_its_limits_and_no_mention_or_link_of_a_customer_s() -> None:
    sent = message(SAID, NOTICE.key)
    assert len(sent["blocks"]) <= 50
    for block in sent["blocks"]:
        assert block["type"] in {"header", "section", "actions"}
        assert len(block.get("fields", ())) <= 10
        assert all(len(field["text"]) <= 2_000 for field in block.get("fields", ()))
        limit = 150 if block["type"] == "header" else 3_000
        assert len(block.get("text", {"text": ""})["text"]) <= limit
    assert not [text for text in [*texts(sent["blocks"]), sent["text"]] if re.search(r"<[!@#h]|<script", text)]
    assert "&lt;!channel&gt;" in str(sent["blocks"])
    assert sent["metadata"]["event_payload"] == {"idempotency_key": f"{ALERT}:1", "alert_id": ALERT}
    assert sent["blocks"][-1]["elements"][0]["url"] == f"{URL}/alerts/{ALERT}"


def test_long_words_are_cut_to_what_slack_takes() -> None:
    long = Said(
        subject="s", headline="x" * 400, news="n", severity=Severity.LOW, text="y" * 9_000, quotes=("z" * 5_000,)
    )
    sizes = [len(block["text"]["text"]) for block in message(long, "k")["blocks"]]
    assert max(sizes) == 3_000
    assert sizes[0] == 150


def test_a_reply_is_seen_by_the_whole_channel_where_it_is_severe() -> None:
    assert (reply(SAID)["reply_broadcast"], reply(replace(SAID, severity=Severity.MEDIUM))["reply_broadcast"]) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"ok": True}, (Attempted.ACCEPTED, None)),
        ({"ok": False, "error": "ratelimited"}, (Attempted.THROTTLED, "ratelimited")),
        ({"ok": False, "error": "internal_error"}, (Attempted.FAILED, "internal_error")),
        ({"ok": False, "error": "channel_not_found"}, (Attempted.REFUSED, "channel_not_found")),
        ({}, (Attempted.REFUSED, "no answer")),
    ],
)
def test_slack_says_in_the_body_what_is_wrong(answer: dict[str, Any], outcome: object) -> None:
    assert judged(answer) == outcome


def test_a_teams_card_has_its_envelope_and_a_customer_s_words_only_in_runs_without_mark_up() -> None:
    sent = card(SAID)
    (attachment,) = sent["attachments"]
    content = attachment["content"]
    assert (sent["type"], attachment["contentType"], content["type"], content["version"]) == (
        "message",
        "application/vnd.microsoft.card.adaptive",
        "AdaptiveCard",
        "1.4",
    )
    assert {one["type"] for one in content["body"]} == {"RichTextBlock", "FactSet"}
    facts = next(one["facts"] for one in content["body"] if one["type"] == "FactSet")
    assert not re.search(r"[\[\]*_`]", str([fact["value"] for fact in facts]).strip("[]"))
    assert content["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": f"{URL}/alerts/{ALERT}"}]
    assert len(orjson.dumps(card(said(DIGEST, URL)))) < 28_000


def test_pagerduty_gets_one_incident_for_each_alert() -> None:
    sent = event(NOTICE, SAID, "key")
    assert (sent["routing_key"], sent["event_action"], sent["dedup_key"]) == ("key", "trigger", ALERT)
    assert set(sent["payload"]) >= {"summary", "source", "severity"}
    assert sent["payload"]["severity"] in {"critical", "error", "warning", "info"}
    assert len(sent["payload"]["summary"]) <= 1_024
    assert sent["links"] == [{"href": f"{URL}/alerts/{ALERT}", "text": "Open in the console"}]


def test_pagerduty_is_told_of_an_acknowledgement_an_end_and_a_handover() -> None:
    ended = with_notice(reason="resolved")
    given = replace(NOTICE, tiding=Tiding.HANDED_OVER)
    acked = replace(NOTICE, tiding=Tiding.ACKNOWLEDGED, payload="{}")
    actions = [event(one, said(one, None), "key") for one in (ended, given, acked, TEST)]
    assert [one["event_action"] for one in actions] == ["resolve", "resolve", "acknowledge", "resolve"]
    assert {one["dedup_key"] for one in actions[:3]} == {ALERT}


def test_the_mails_of_an_alert_are_one_thread() -> None:
    first = mail(NOTICE, SAID, None, "example.com")
    later = mail(replace(NOTICE, revision=2), SAID, Known(revision=1), "example.com")
    assert (first.message_id, first.answers) == (f"<{ALERT}.hook@example.com>", None)
    assert (later.message_id, later.answers) == (f"<{ALERT}.2.hook@example.com>", first.message_id)
    assert first.subject == later.subject
    assert mail(NOTICE, SAID, None, "example.com") == first


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.seen.add(tag)


def test_a_customer_s_words_are_no_mark_up_in_a_mail_and_no_lines_of_ours() -> None:
    sent = mail(NOTICE, SAID, None, "example.com")
    tags = _Tags()
    tags.feed(sent.html)
    assert "script" not in tags.seen
    assert "\nFrom: boss" not in sent.text
    assert "\n" not in sent.subject
    assert sent.important is False
    assert mail(NOTICE, replace(SAID, severity=Severity.CRITICAL), None, "e").important is True


def test_a_digest_is_told_as_its_plain_text() -> None:
    one = said(DIGEST, URL)
    assert one.text == orjson.loads(str(DIGEST.payload))["data"]["text"]
    assert one.link == f"{URL}/teams/drivers"
    title, text = plain(one)
    assert title.startswith("Digest: ")
    assert one.text.strip() in text
