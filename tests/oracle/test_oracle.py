"""The oracle alone, on a few records whose outcome anybody can work out from the guides."""

import ast
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.oracle import Expected, Published, expect
from tests.oracle.exposure import Exposure, Told, exposure

HERE = Path(__file__).parent
RETAIL = HERE.parents[1] / "deploy" / "playbooks" / "retail"
START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
THREE = ("delivery", "order-to-cash", "loyalty")


def test_a_row_has_all_that_was_decided() -> None:
    found = told(survey("r1", score=2, text="Disappointed. My parcel is four days late.", business_key="SO-1"))
    assert found.feedback == {
        ("/s", "r1-1"): {
            "event_id": "r1-1",
            "source": "/s",
            "subject": "response/r1",
            "revision": 1,
            "occurred_at": "2026-05-04T09:00:00Z",
            "kind": "survey",
            "channel": "email",
            "language": "en",
            "category": "delivery_delay",
            "category_confidence": 0.8,
            "category_method": "keyword",
            "categories": ["delivery_delay"],
            "model": None,
            "stage": None,
            "outcome": None,
            "sentiment": -1.0,
            "sentiment_source": "words",
            "negative": True,
            # v = 2/3 and s = 0.75: 100 (1 - 0.6 x 0.7).
            "severity": "medium",
            "severity_score": 58.0,
            "flags": [],
            "process": "delivery",
            "link": {
                "status": "unlinked",
                "method": "not_found",
                "reason": "key_unknown",
                "instance_id": None,
                "confidence": 0.0,
                "candidates": [],
            },
            "team": "fulfilment",
            "route": "delivery",
        }
    }


def test_a_correction_takes_out_what_it_put_in() -> None:
    found = told(survey("r1"), survey("r2", customer="ben"), survey("r1", score=5, revision=2, after=HOUR))
    assert alerts(found) == [("delivery_delay", ["r2-1"], "high", 1, 1)]
    assert (found.accepted, found.holding) == (3, {("/s", "response/r1"): 2, ("/s", "response/r2"): 1})
    assert found.current == {("/s", "r1-2"), ("/s", "r2-1")}


def test_twelve_events_of_one_customer_are_one_customer() -> None:
    names = [f"r{number}" for number in range(12)]
    found = told(*(survey(name, after=number * HOUR) for number, name in enumerate(names)))
    assert alerts(found) == [("delivery_delay", sorted(f"{name}-1" for name in names), "high", 12, 1)]


def test_revision_two_before_revision_one_holds_and_counts_when_one_was_given() -> None:
    first, second = survey("r1", score=3), survey("r1", revision=2, after=8 * DAY)
    later = survey("r2", after=8 * DAY + HOUR)
    found = told(second, first, later)
    assert (found.accepted, found.superseded) == (2, 1)
    assert alerts(found) == [("delivery_delay", ["r1-2", "r2-1"], "high", 2, 1)]
    # More than seven days lie between the two contacts, since the first began with its revision 1.
    assert found.feedback["/s", "r2-1"]["severity_score"] == 60.0
    assert told(second, later).feedback["/s", "r2-1"]["severity_score"] == 66.0


def test_a_second_copy_is_a_duplicate_in_whatever_partition() -> None:
    record = json.dumps(survey("r1")).encode()
    copies = [
        Published(topic="feedback.surveys", partition=part, offset=4, key=None, value=record) for part in (0, 1, 1)
    ]
    found = expect(copies, RETAIL, b"secret", bound=HOUR)
    assert (found.consumed, found.accepted, found.duplicate) == (3, 1, 2)
    assert alerts(found) == [("delivery_delay", ["r1-1"], "high", 1, 1)]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b'{"specversion": "1.0", ', "broken_json"),
        (b"[]", "not_an_object"),
        ('{"specversion": "1.0", "däta": 1}'.encode("latin-1"), "bad_encoding"),
        ({"id": None}, "missing_id"),
        ({"type": None}, "missing_type"),
        ({"type": "feedback.survey.answer.v9"}, "unknown_type"),
        ({"time": "yesterday"}, "bad_time"),
        ({"time": "2026-02-30T09:00:00Z"}, "bad_time"),
        ({"data": "see attachment"}, "wrong_type"),
        ({"data": {"response_id": ""}}, "invalid_field"),
        ({"data": {"response_id": "r", "metrics": [{"kind": "nps", "raw": 11}]}}, "score_off_scale"),
    ],
)
def test_what_can_not_be_read_is_rejected_with_its_reason(value: bytes | dict[str, Any], reason: str) -> None:
    record = value if isinstance(value, bytes) else json.dumps({**survey("r1"), **value}).encode()
    published = Published(topic="t", partition=2, offset=7, key=None, value=record)
    found = expect([published], RETAIL, b"secret", bound=HOUR)
    assert found.rejected == {("t", 2, 7): ("intake", reason)}
    assert (found.consumed, found.accepted, found.feedback) == (1, 0, {})


def test_an_unsafe_product_is_critical_and_the_lawyers_get_a_copy() -> None:
    found = told(ticket("created", body="The kettle gave me an electric shock."))
    assert alerts(found) == [
        ("product_safety", ["t1-created"], "critical", 1, 1),
        ("product_safety", ["t1-created"], "critical", 1, 1),
    ]
    assert {alert["team"] for alert in found.alerts} == {"product-quality", "legal-risk"}


def test_what_two_teams_claim_goes_to_arbitration() -> None:
    found = told(survey("r1", text="My warranty claim was turned down."))
    assert [(alert["team"], alert["category"]) for alert in found.alerts] == [("arbitration", "warranty")]


def test_a_ticket_that_is_reopened_within_the_window_is_in_the_alert_it_was_in() -> None:
    found = told(
        ticket("created", body="My parcel is delayed, unacceptable"),
        ticket("status", status="solved", after=HOUR),
        ticket("reopened", status="open", after=6 * DAY),
    )
    assert alerts(found) == [("delivery_delay", ["t1-reopened"], "medium", 1, 1)]


def test_a_ticket_that_is_reopened_later_is_in_a_new_one_and_its_history_stays() -> None:
    found = told(
        ticket("created", body="My parcel is delayed, unacceptable"),
        ticket("status", status="solved", after=HOUR),
        ticket("reopened", status="open", after=8 * DAY),
    )
    assert alerts(found) == [
        ("delivery_delay", ["t1-reopened"], "medium", 1, 1),
        ("delivery_delay", ["t1-status"], "medium", 1, 1),
    ]
    assert found.unclaimed == frozenset()


def test_what_comes_near_the_end_of_the_window_is_not_claimed() -> None:
    found = told(
        ticket("created", body="My parcel is delayed, unacceptable"),
        ticket("status", status="solved", after=HOUR),
        ticket("reopened", status="open", after=7 * DAY + 90 * timedelta(minutes=1)),
    )
    assert found.unclaimed == {alert["key"] for alert in found.alerts}


def test_a_deleted_ticket_takes_its_remarks_along() -> None:
    found = told(
        ticket("created", body="My parcel is delayed, unacceptable"),
        ticket("comment", body="Still delayed, this is ridiculous", after=HOUR),
        ticket("deleted", after=2 * HOUR),
        ticket("comment", body="Delayed and awful", after=3 * HOUR, event_id="too late"),
    )
    assert alerts(found) == [("delivery_delay", [], "info", 0, 0)]
    assert (found.accepted, found.superseded, found.current) == (3, 1, frozenset())


def test_the_words_of_an_agent_are_recorded() -> None:
    found = told(ticket("comment", body="My parcel is delayed, unacceptable", comment_author_role="agent"))
    row = found.feedback["/t", "t1-comment"]
    assert (row["negative"], row["team"], row["flags"]) == (False, None, ["not_customer_text"])
    assert (found.accepted, found.alerts, found.holding) == (1, [], {})


def test_feedback_is_tied_to_the_instance_that_carries_its_order() -> None:
    found = told(
        event(
            "/p",
            "p1",
            "process.instance.v1",
            -HOUR,
            instance="D-1",
            process="shipping",
            lifecycle="start",
            keys=["SO-1"],
        ),
        survey("r1", business_key="SO-1"),
    )
    assert found.feedback["/s", "r1-1"]["link"] == {
        "status": "linked",
        "method": "business_key",
        "reason": "sole_carrier",
        "instance_id": "D-1",
        "confidence": 0.9,
        "candidates": ["D-1"],
    }
    assert (found.accepted, found.holding) == (2, {("/s", "response/r1"): 1})


def test_forty_customers_in_a_first_week_call_for_a_look_and_one_customer_does_not() -> None:
    many = told(*(survey(f"r{n}", customer=f"c{n}") for n in range(40)), until=9 * DAY)
    one = told(*(survey(f"r{n}") for n in range(40)), until=9 * DAY)
    assert [volume(alert) for alert in many.alerts if alert["kind"] == "volume"] == [("fulfilment", "medium", 40, 40)]
    assert [volume(alert) for alert in one.alerts if alert["kind"] == "volume"] == []


def test_what_three_processes_complain_of_at_once_goes_to_arbitration() -> None:
    steady = [about(process, f"{process}-{week}", week * WEEK) for process in THREE for week in range(12)]
    burst = [about(process, f"{process}-{n}-more", 12 * WEEK) for process in THREE for n in range(5)]
    found = told(*steady, *burst, until=14 * WEEK + DAY)
    reviews = [alert for alert in found.alerts if alert["kind"] == "volume"]
    assert [(one["process"], one["category"], *volume(one)) for one in reviews] == [
        ("*", "delivery_delay", "arbitration", "medium", 15, 15)
    ]
    assert [(line["window_end"], line["transition"], line["level"]) for line in found.reviews] == [
        ("2026-08-02", "opened", "local_adjustment"),
        ("2026-08-09", "continued", None),
    ]


def test_a_process_is_exposed_by_what_it_completes_once_that_is_known_for_eight_weeks() -> None:
    end, days = START.date(), [START.date() - number * DAY for number in range(56)]
    busy = [*days, *days[:28]]
    told_of = Told(feedback=days, complaints=days[:9], completed=busy)
    found = exposure(told_of, end)
    # Two, and one more, on each day of the newer half, one and one more of the older: 2.5 on average.
    assert (found.flag, found.first_day, found.daily[days[0]], found.daily[days[55]]) == (None, days[55], 1.2, 0.8)
    assert exposure(Told(feedback=days, completed=days[:55]), end) == Exposure(
        flag="exposure_unknown", first_day=days[55]
    )


def test_answers_are_its_exposure_where_most_complaints_are_answers_and_most_answers_are_no_complaints() -> None:
    end, days = START.date(), [START.date() - number * DAY for number in range(60)]

    def by_answers(bad: int, good: int, others: int) -> str | None:
        answers = [*((day, True) for day in days[:bad]), *((day, False) for day in days[60 - good :])]
        complaints = [*days[:bad], *days[:others]]
        return exposure(Told(feedback=days, complaints=complaints, answers=answers), end).flag

    assert by_answers(8, 8, 2) == "exposure_by_answers"
    assert by_answers(8, 8, 3) == "exposure_unknown"
    assert by_answers(9, 8, 2) == "exposure_unknown"


def test_the_oracle_imports_nothing_of_the_service() -> None:
    for file in HERE.glob("*.py"):
        if not file.name.startswith("test_"):
            nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            named = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
            assert not [name for name in named if name.split(".")[0] == "service"], file


def told(*events: Mapping[str, Any], until: timedelta | None = None) -> Expected:
    """Publish events to one partition, in the order given, and ask the oracle."""
    published = [
        Published(topic="t", partition=0, offset=at, key=None, value=json.dumps(one).encode())
        for at, one in enumerate(events)
    ]
    end = None if until is None else START + until
    return expect(published, RETAIL, b"secret", bound=HOUR, until=end)


def alerts(found: Expected) -> Sequence[tuple[str, list[str], str, int, int]]:
    """The alerts with members."""
    return sorted(
        (one["category"], one["members"], one["severity"], one["events"], one["customers"])
        for one in found.alerts
        if one["kind"] == "event"
    )


def volume(alert: Mapping[str, Any]) -> tuple[str, str, int, int]:
    return (alert["team"], alert["severity"], alert["events"], alert["customers"])


def event(source: str, event_id: str, kind: str, after: timedelta, **data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    time = (START + after).isoformat()
    return {"specversion": "1.0", "id": event_id, "source": source, "type": kind, "time": time, "data": data}


def survey(
    name: str,
    *,
    score: int = 1,
    text: str = "My parcel is delayed.",
    customer: str = "anna",
    revision: int = 1,
    after: timedelta = timedelta(0),
    business_key: str | None = None,
) -> dict[str, Any]:
    return event(
        "/s",
        f"{name}-{revision}",
        "feedback.survey.response.v1",
        after,
        response_id=name,
        revision=revision,
        metrics=[{"kind": "csat", "raw": score}],
        verbatims=[{"text": text, "language": "en"}],
        customer={"ref": customer},
        channel="email",
        correlation={"process": "delivery", **({"business_key": business_key} if business_key else {})},
    )


def about(process: str, name: str, after: timedelta) -> dict[str, Any]:
    told_of = survey(name, customer=name, after=after)
    return {**told_of, "data": {**told_of["data"], "correlation": {"process": process}}}


def ticket(change: str, *, after: timedelta = timedelta(0), event_id: str = "", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    given = {"ticket_id": "t1", "language": "en", "comment_author_role": "customer", "customer": {"ref": "ben"}, **data}
    return event("/t", event_id or f"t1-{change}", f"feedback.ticket.{change}.v1", after, **given)
