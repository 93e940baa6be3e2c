"""Which channels hear of a notice: by reason and severity, ends always, and what is read in a digest only there."""

from datetime import timedelta

import orjson
import pytest
from msgspec.structs import replace

from service.core.deliver import Payloads, of_acknowledgement, of_digest, of_handover, of_notice, of_test, uses_of
from service.core.records.deliveries import Delivery
from service.core.records.words import NoticeReason, Tiding
from service.runtime.channelling import leave_deliveries
from tests.builders import START, survey
from tests.delivering import ALL, HOOK, MAIL, PAGER, SLACK, TEAMS, deliveries_of, make_use, story, told_by

PAYLOADS = Payloads(whole="whole", unquoted="unquoted")
NOTICE = story(told_by(HOOK)).store.rows.notices[0]
ALERT = NOTICE.alert.alert_id


def told(*uses: object, **changes: object) -> list[str]:
    notice = replace(NOTICE, **changes)
    return [one.channel for one in of_notice(notice, uses, PAYLOADS)]  # type: ignore[arg-type]  # As above.


def test_a_delivery_is_named_by_the_idempotency_key_of_its_notice_and_its_channel() -> None:
    assert list(of_notice(NOTICE, [make_use()], PAYLOADS)) == [
        Delivery(
            delivery_id=f"{ALERT}:1:hook",
            key=f"{ALERT}:1",
            channel="hook",
            team="drivers",
            tiding=Tiding.NOTICE,
            thread=ALERT,
            revision=1,
            payload="whole",
            not_before=NOTICE.at,
            ending=False,
        )
    ]


def test_a_channel_without_excerpts_gets_the_message_without_quotes() -> None:
    (one,) = of_notice(NOTICE, [make_use(excerpts=False)], PAYLOADS)
    assert one.payload == "unquoted"


@pytest.mark.parametrize(
    ("use", "hears"),
    [
        pytest.param(make_use(), True, id="of everything"),
        pytest.param(make_use(reasons=["opened", "repeat"]), True, id="of this reason"),
        pytest.param(make_use(reasons=["repeat"]), False, id="of another reason"),
        pytest.param(make_use(min_severity="high"), True, id="from this severity on"),
        pytest.param(make_use(min_severity="critical"), False, id="from a higher severity on"),
    ],
)
def test_a_use_says_for_which_reasons_and_from_which_severity_on_a_channel_hears(use: object, *, hears: bool) -> None:
    assert told(use) == (["hook"] if hears else [])


def test_an_end_goes_wherever_the_beginning_may_have_gone() -> None:
    uses = (make_use(HOOK, reasons=["opened"]), make_use(PAGER, min_severity="critical"))
    found = of_notice(replace(NOTICE, reason=NoticeReason.RESOLVED), uses, PAYLOADS)
    assert [(one.channel, one.ending) for one in found] == [("hook", True), ("pager", True)]


def test_what_is_read_in_a_digest_goes_by_itself_to_programs_alone() -> None:
    uses = [make_use(one) for one in ALL]
    assert told(*uses, digest_id="d-1", reason=NoticeReason.DIGEST) == ["hook"]
    assert told(*uses, digest_id="d-1", reason=NoticeReason.RESOLVED) == ["hook", "pager"]


def test_an_alert_that_was_given_away_is_taken_from_the_channels_that_keep_something_open_for_it() -> None:
    given = replace(NOTICE, reason=NoticeReason.OWNER_CHANGED, revision=2)
    former, present = [make_use(one) for one in ALL], [make_use(SLACK)]
    found = of_handover(given, former, present, "unquoted")
    assert [(one.channel, one.tiding, one.ending, one.payload) for one in found] == [
        ("pager", Tiding.HANDED_OVER, True, "unquoted")
    ]
    assert of_handover(NOTICE, former, present, "unquoted") == []


def test_an_acknowledgement_goes_to_incidents_once() -> None:
    alert = replace(NOTICE.alert, acked_until=START + timedelta(hours=24), acked_by="ana")
    uses = [make_use(one) for one in ALL]
    (one,) = of_acknowledgement(NOTICE.alert, alert, uses, START)
    assert (one.channel, one.tiding, one.thread, one.ending) == ("pager", Tiding.ACKNOWLEDGED, ALERT, True)
    assert of_acknowledgement(alert, alert, uses, START) == []
    assert of_acknowledgement(None, NOTICE.alert, uses, START) == []


def test_a_team_without_channels_costs_nothing_and_is_not_there() -> None:
    assert {team: [one.channel for one in uses] for team, uses in uses_of(told_by(HOOK, MAIL)).items()} == {
        "drivers": ["hook", "mail"]
    }


def test_what_is_told_is_left_in_the_facts_with_the_notice_as_the_queue_has_it() -> None:
    timeline = story(told_by(*ALL))
    found = deliveries_of(timeline)
    assert [one.channel for one in found] == ["hook", "slack", "teams", "mail", "pager", "other"]
    (message,) = (value for one in timeline.store.outgoing if one.topic == "queue.drivers" for _, value in one.values)
    assert {str(one.payload) for one in found} == {message.decode()}


def test_a_digest_goes_to_all_channels_but_incidents_and_those_that_want_none() -> None:
    timeline = story(told_by(HOOK), until=timedelta(days=8))
    row = timeline.store.rows.digests[0]
    uses = (make_use(HOOK), make_use(PAGER), make_use(MAIL, digests=False), make_use(TEAMS, min_severity="critical"))
    assert [(one.channel, one.thread) for one in of_digest(row, uses, PAYLOADS)] == [("hook", row.digest_id)]


def test_a_channel_that_wants_no_excerpts_gets_none_in_any_message() -> None:
    timeline = story(told_by(HOOK | {"excerpts": False}), until=timedelta(days=8))
    payloads = [orjson.loads(str(one.payload)) for one in deliveries_of(timeline)]
    assert {one["type"] for one in payloads} == {"feedback.notice.v1", "feedback.digest.v1"}
    assert [one["data"].get("excerpts", []) for one in payloads] == [[] for _ in payloads]
    assert not any("so late" in str(one) for one in payloads)


def test_without_channels_nothing_is_left() -> None:
    timeline = story(told_by())
    assert deliveries_of(timeline) == []
    assert leave_deliveries.__doc__


def test_a_test_is_about_itself_alone() -> None:
    one = of_test("hook", "drivers", "t-1", START)
    assert (one.delivery_id, one.key, one.thread, one.tiding) == ("t-1:1:hook", "t-1:1", "t-1", Tiding.TEST)


def test_news_of_an_escalated_or_closed_alert_reach_the_channels_of_each_team_that_is_told() -> None:
    timeline = story(told_by(HOOK, PAGER))
    timeline.push(timedelta(hours=1), survey("r3", 0, "late", customer="cora"))
    timeline.wait(timedelta(hours=2))
    reasons = [one.reason for one in timeline.store.rows.notices]
    told_of = [(one.channel, one.revision) for one in deliveries_of(timeline)]
    assert told_of == [(name, revision + 1) for revision in range(len(reasons)) for name in ("hook", "pager")]
