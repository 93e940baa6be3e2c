"""The oracle alone, on complaints that their customer's outcome settles, which anybody can work out from the guide."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.oracle import Expected
from tests.oracle.test_oracle import DAY, HOUR, event, survey, ticket, told

MINUTE = timedelta(minutes=1)
COMPLAINT = survey("r1")


def good(after: timedelta, customer: str = "anna", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    said = survey("r2", score=5, text="", after=after, customer=customer)
    return {**said, "data": {**said["data"], **data}}


def test_a_good_answer_settles_a_complaint_and_a_bad_one_brings_it_back() -> None:
    assert states(told(COMPLAINT)) == [("open", ["r1-1"])]
    assert states(told(COMPLAINT, good(DAY))) == [("resolved", ["r1-1"])]
    assert states(told(COMPLAINT, good(DAY), survey("r3", after=2 * DAY))) == [("open", ["r1-1", "r3-1"])]
    corrected = survey("r2", score=1, revision=2, after=2 * DAY)
    assert states(told(COMPLAINT, good(DAY), corrected)) == [("open", ["r1-1", "r2-2"])]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(good(15 * MINUTE), id="too soon"),
        pytest.param(good(DAY, "ben"), id="somebody else's"),
        pytest.param(good(DAY, survey_kind="relationship"), id="of the other kind"),
        pytest.param(good(DAY, correlation={"process": "loyalty"}), id="about another process"),
        pytest.param(good(DAY, metrics=[]), id="without a score"),
    ],
)
def test_not_every_answer_settles_a_complaint(other: dict[str, Any]) -> None:
    assert states(told(COMPLAINT, other)) == [("open", ["r1-1"])]


def test_a_settled_complaint_is_no_case_of_a_customer_at_risk() -> None:
    three = [COMPLAINT, *(survey(f"r{number}", after=number * HOUR) for number in (3, 4))]
    assert [alert["kind"] for alert in told(*three).alerts] == ["event", "at_risk"]
    assert [alert["state"] for alert in told(*three, good(DAY)).alerts] == ["resolved", "resolved"]


def test_the_end_of_a_ticket_that_it_names_settles_a_complaint_and_no_other() -> None:
    closed = [ticket("created", after=timedelta(0), customer={"ref": "anna"}, status="new", priority="low")]
    closed += [ticket("status", after=2 * DAY, customer={"ref": "anna"}, status="solved")]
    named = survey("r1", after=DAY)
    named["data"]["correlation"] = {"process": "delivery", "ticket_ref": "t1"}
    assert states(told(*closed, named)) == [("resolved", ["r1-1"])]
    assert states(told(*closed, survey("r1", after=DAY))) == [("open", ["r1-1"])]


def test_the_end_of_the_tickets_about_the_instance_settles_a_complaint() -> None:
    begun = event("/p", "p1", "process.instance.v1", timedelta(0), instance="R-1", process="returns", lifecycle="start")
    bad = survey("r1", after=HOUR)
    bad["data"]["correlation"] = {"process_instance_key": "R-1"}
    asked = [begun, bad, about_it("created", "new", 2 * HOUR)]
    solved = [*asked, about_it("status", "solved", DAY)]
    assert states(told(*asked)) == [("open", ["r1-1"])]
    assert states(told(*solved)) == [("resolved", ["r1-1"])]
    assert states(told(*solved, about_it("reopened", "open", 2 * DAY))) == [("open", ["r1-1"])]


def about_it(change: str, status: str, after: timedelta) -> dict[str, Any]:
    named = {"customer": {"ref": "anna"}, "correlation": {"process_instance_key": "R-1"}}
    return ticket(change, after=after, event_id=f"t1-{status}", status=status, priority="low", **named)


def states(found: Expected) -> Sequence[tuple[str, list[str]]]:
    return [(alert["state"], alert["members"]) for alert in found.alerts if alert["kind"] == "event"]
