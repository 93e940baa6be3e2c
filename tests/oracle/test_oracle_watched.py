"""The oracle alone, on late cases and on customers at risk whose outcome anybody can work out from the guide."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.oracle import Expected
from tests.oracle.test_oracle import DAY, HOUR, event, survey, told


def test_a_gold_customers_parcel_is_late_after_72_hours_and_its_delivery_ends_that() -> None:
    start, end = step("start", timedelta(0)), step("complete", 80 * HOUR, tier=None)
    assert watched(told(start, until=72 * HOUR), "late_case") == [("fulfilment", "open", 1, [])]
    assert watched(told(start, until=71 * HOUR), "late_case") == []
    assert watched(told(start, end, until=90 * HOUR), "late_case") == [("fulfilment", "resolved", 1, [])]


def test_nobody_is_told_of_what_is_not_late_or_of_low_value() -> None:
    for events in (
        [step("start", timedelta(0), tier="silver")],
        [step("start", timedelta(0), process="loyalty")],
        [step("start", timedelta(0)), step("cancel", 20 * HOUR)],
        [step("complete", timedelta(0))],
    ):
        assert watched(told(*events, until=30 * DAY), "late_case") == []


def test_what_is_not_late_after_all_is_withdrawn_and_what_starts_anew_can_be_late_again() -> None:
    start, plain = step("start", timedelta(0)), step("resume", 80 * HOUR, tier="silver")
    assert watched(told(start, plain), "late_case") == [("fulfilment", "resolved", 0, [])]
    again = [start, step("fail", 80 * HOUR), step("complete", 81 * HOUR, activity="invoice"), step("start", 90 * HOUR)]
    assert watched(told(*again, until=30 * DAY), "late_case") == [("fulfilment", "open", 1, [])]
    later = [*again[:2], step("start", 10 * DAY)]
    assert [state for _, state, *_ in watched(told(*later, until=30 * DAY), "late_case")] == ["resolved", "open"]


def test_of_what_ends_about_when_its_limit_is_reached_only_the_end_is_claimed() -> None:
    start = step("start", timedelta(0))
    passing = told(start, step("complete", 71 * HOUR))
    assert (len(passing.passing), passing.alerts, passing.unclaimed) == (1, [], frozenset())
    assert told(start, step("complete", 70 * HOUR)).passing == frozenset()
    assert told(start, step("complete", 73 * HOUR)).passing == passing.passing
    assert told(start, step("complete", 74 * HOUR)).passing == frozenset()
    assert told(start, until=71 * HOUR).unclaimed == passing.passing


def test_a_third_unresolved_case_within_a_month_puts_a_customer_at_risk() -> None:
    three = [survey(f"r{number}", after=number * 15 * DAY) for number in range(3)]
    assert watched(told(*three), "at_risk") == [("cx-operations", "open", 3, ["r0-1", "r1-1", "r2-1"])]
    assert watched(told(*three[:2], three[1]), "at_risk") == []
    assert watched(told(*three[:2], survey("r3", after=31 * DAY)), "at_risk") == []
    assert watched(told(*three[:2], survey("r2", customer="ben")), "at_risk") == []


def test_a_customer_is_at_risk_no_more_with_fewer_cases_and_again_with_a_new_one() -> None:
    three = [survey(f"r{number}", after=number * HOUR) for number in range(3)]
    over = [*three, survey("r1", score=5, text="", revision=2, after=4 * HOUR)]
    assert watched(told(*over), "at_risk") == [("cx-operations", "resolved", 0, [])]
    again = watched(told(*over, survey("r3", after=DAY)), "at_risk")
    assert again == [("cx-operations", "open", 3, ["r0-1", "r2-1", "r3-1"])]
    later = watched(told(*over, survey("r3", after=8 * DAY)), "at_risk")
    assert [state for _, state, *_ in later] == ["resolved", "open"]


def test_two_weeks_without_a_word_end_it_and_what_it_rested_on_stays() -> None:
    three = [survey(f"r{number}", after=number * HOUR) for number in range(3)]
    assert watched(told(*three, until=14 * DAY + 3 * HOUR), "at_risk") == [
        ("cx-operations", "resolved", 3, ["r0-1", "r1-1", "r2-1"])
    ]


def watched(found: Expected, kind: str) -> Sequence[tuple[str, str, int, list[str]]]:
    """Alerts without members, of one kind: whose they are, whether they are open, and what they rest on."""
    return [(one["team"], one["state"], one["events"], one["members"]) for one in found.alerts if one["kind"] == kind]


def step(lifecycle: str, after: timedelta, tier: str | None = "gold", **data: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    given = {"instance": "D-1", "process": "shipping", "lifecycle": lifecycle, "tier": tier, **data}
    name = f"p-{lifecycle}-{after // HOUR}"
    return event("/p", name, "process.instance.v1", after, **{key: value for key, value in given.items() if value})
