"""The oracle alone, on links that anybody can work out from the guide."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.oracle import Expected
from tests.oracle.references import is_near, references, written_as
from tests.oracle.test_oracle import DAY, HOUR, alerts, event, survey, ticket, told

NOW = timedelta(0)
ORDER = "SO-001000042"
FORM = ("SO-#########",)

Events = Sequence[Mapping[str, Any]]


@pytest.mark.parametrize(
    "text",
    [
        "Where is SO-001000042?",
        "where is so 001 000 042",
        "so:#001.000/042, since Monday",
        "S-O-OOI000O42",
        "My order is SO-0O|QD0042.",
    ],
)
def test_a_reference_is_read_as_it_is_typed(text: str) -> None:
    assert references(text, FORM) == {"SO001000042"}


@pytest.mark.parametrize(
    "text",
    [
        "SO-OOlOOOO42",
        "SO-001    000042",
        "SO-00100004",
        "SO-0010000421",
        "XSO-001000042",
        "SO-001000042b",
        "SO_001000042",
        "",
    ],
)
def test_what_is_longer_or_shorter_or_part_of_a_word_is_no_reference(text: str) -> None:
    assert references(text, FORM) == frozenset()


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SO-00100042", True),
        ("SO-0010000042", True),
        ("so 001000043!", True),
        ("OS-001000042", True),
        ("SO-OO10O0024", True),
        ("001000042", True),
        ("SO-001000051", False),
        ("SO-0010042", False),
    ],
)
def test_a_near_reference_has_one_typing_error(text: str, *, near: bool) -> None:
    assert is_near(text, "SO001000042") == near


def test_an_instance_is_found_by_what_is_a_reference_as_a_whole() -> None:
    assert written_as("so-001000042", FORM) == {"SO001000042"}
    assert written_as("order SO-001000042", FORM) == frozenset()


@pytest.mark.parametrize(
    ("keys", "text", "link"),
    [
        ({"instance": "D-1"}, "", ("linked", "instance_id", "sole_carrier", 1.0, ["D-1"])),
        ({"business_key": ORDER}, "", ("linked", "business_key", "sole_carrier", 0.9, ["D-1"])),
        ({"business_key": "?", "order_ref": ORDER}, "", ("linked", "business_key", "sole_carrier", 0.9, ["D-1"])),
        ({"ticket_ref": ORDER}, "", ("linked", "ticket", "sole_carrier", 0.85, ["D-1"])),
        ({}, "Still no SO 001OOOO42.", ("linked", "reference", "reference_in_text", 0.8, ["D-1"])),
        ({}, "Still no SO-00100042.", ("linked", "reference", "near_reference", 0.7, ["D-1"])),
        ({}, "Still no parcel.", ("linked", "customer", "sole_candidate", 0.6, ["D-1"])),
        ({"instance": "D-9", "business_key": ORDER}, "", ("linked", "business_key", "sole_carrier", 0.9, ["D-1"])),
    ],
)
def test_the_first_step_that_finds_an_instance_decides(keys: dict[str, Any], text: str, link: object) -> None:
    assert linked(told(begun(), about(text=text, **keys))) == link


def test_of_several_the_one_that_ran_is_meant_then_the_customers_and_else_none_is_picked() -> None:
    used_again = [begun(after=-90 * DAY), begun("complete", after=-80 * DAY), begun(name="D-2")]
    assert linked(told(*used_again, about(ticket_ref=ORDER))) == ("linked", "ticket", "ran_at_the_time", 0.85, ["D-2"])
    theirs = [begun(), begun(name="D-2", customer="ben")]
    assert linked(told(*theirs, about(ticket_ref=ORDER))) == ("linked", "ticket", "customer_agrees", 0.85, ["D-1"])
    shared = ("ambiguous", "ticket", "shared_key", 0.0, ["D-1", "D-2"])
    for other in ("anna", None):
        assert linked(told(begun(), begun(name="D-2", customer=other), about(ticket_ref=ORDER))) == shared


def test_an_instance_ran_until_fourteen_days_after_its_end() -> None:
    ended = [told(begun(after=-20 * DAY), begun("complete", after=-days * DAY), about()) for days in (14, 15)]
    assert [linked(one)[2] for one in ended] == ["sole_candidate", "none_at_the_time"]
    assert linked(told(begun(after=HOUR), about()))[2] == "none_at_the_time"
    again = begun(after=-15 * DAY)
    assert linked(told(begun(after=-20 * DAY), begun("complete", after=-16 * DAY), again, about()))[3] == 0.6


def test_the_earliest_start_and_the_latest_end_are_an_instances_own() -> None:
    events = [begun("complete", after=-20 * DAY), begun("complete", after=-2 * DAY), begun(after=-30 * DAY)]
    assert linked(told(*events, about()))[3] == 0.6


def test_a_text_means_no_instance_of_somebody_else_and_none_that_began_later() -> None:
    unknown: Any = ("unlinked", "not_found", "key_unknown", 0.0, [])
    assert linked(told(begun(customer="ben"), about(text=ORDER))) == unknown
    assert linked(told(about(text=ORDER), begun(after=HOUR))) == unknown
    two = [begun(), begun(name="D-2", key="SO-002000042"), about(text=f"{ORDER} and SO-002000042")]
    assert linked(told(*two)) == ("ambiguous", "reference", "shared_key", 0.0, ["D-1", "D-2"])
    near = [begun(), begun(name="D-2", key="SO-001000043"), about(text="SO-001000044")]
    assert linked(told(*near)) == ("ambiguous", "reference", "several_candidates", 0.0, ["D-1", "D-2"])


def test_a_customers_instances_are_those_of_the_process_or_else_the_touchpoint_that_is_named() -> None:
    both = [begun(), begun(name="R-1", process="returns"), begun(name="C-1", process="pickup")]
    named: list[tuple[dict[str, Any], list[str]]] = [
        ({"process": "Returns"}, ["R-1"]),
        ({"touchpoint": "Shop Counter"}, ["C-1", "R-1"]),
        ({"touchpoint": "a lighthouse"}, ["C-1", "D-1", "R-1"]),
        ({"process": "delivery", "touchpoint": "shop counter"}, ["D-1"]),
    ]
    for keys, candidates in named:
        assert linked(told(*both, about(**keys)))[4] == candidates


def test_a_customers_instances_are_not_asked_where_something_better_was_named() -> None:
    own = ticket("created", body="Where is it?", customer={"ref": "anna"})
    assert linked(told(begun(), own), "t1-created", "/t")[2] == "sole_candidate"
    named: list[dict[str, Any]] = [{"instance": "D-9"}, {"business_key": "?"}, {"order_ref": "?"}, {"ticket_ref": "?"}]
    for keys in (*named, {"text": "SO-009000099"}):
        assert linked(told(begun(), about(**keys)))[2] == "key_unknown"


def test_who_is_anonymous_has_no_instances_and_a_relationship_survey_is_about_none() -> None:
    nobody, of_us = about(), about(instance="D-1")
    del nobody["data"]["customer"]
    of_us["data"]["survey_kind"] = "relationship"
    assert linked(told(begun(), nobody)) == ("none", "no_key", "no_key", 0.0, [])
    assert linked(told(begun(), of_us)) == ("none", "no_key", "relationship_survey", 0.0, [])


def test_a_merged_ticket_leads_to_the_one_that_lives_on_for_five_merges() -> None:
    named = begun(key="t6")
    merged = [merge(f"t{number}", f"t{number + 1}", number * HOUR) for number in range(6)]
    for first, found in ((1, True), (0, False)):
        link = linked(told(named, about(ticket_ref=f"t{first}", process="loyalty"), *merged))
        assert link == (
            ("linked", "ticket", "ticket_merged", 0.85, ["D-1"])
            if found
            else ("unlinked", "not_found", "key_unknown", 0.0, [])
        )


def test_keys_stay_as_they_were_named_last_and_references_as_long_as_their_text() -> None:
    first = about(text=ORDER, process="loyalty")
    silent = about(revision=2, after=HOUR, process="loyalty")
    spoken = about(revision=3, after=2 * HOUR, text="Never mind.", process="loyalty")
    one = begun(key=ORDER, process="loyalty")
    assert linked(told(one, first, silent), "r1-2")[1] == "reference"
    assert linked(told(one, first, silent, spoken), "r1-3")[1] == "customer"
    assert linked(told(one, about(instance="D-1"), silent), "r1-2")[1] == "instance_id"


def test_a_remark_takes_what_it_does_not_name_from_its_ticket_and_counts_at_its_own_time() -> None:
    began, anew = begun(after=-30 * DAY, key="t1"), begun(name="D-2", key="t1", after=HOUR)
    ended = begun("complete", after=-1 * DAY, key="t1")
    said = told(
        began,
        ended,
        ticket("created", body="Where is it?"),
        anew,
        ticket("comment", body="Still not here, delayed", after=20 * DAY),
    )
    assert linked(said, "t1-created", "/t")[2:] == ("ran_at_the_time", 0.85, ["D-1"])
    assert linked(said, "t1-comment", "/t")[2:] == ("ran_at_the_time", 0.85, ["D-2"])


def test_what_is_learnt_within_three_days_decides_anew() -> None:
    for hours, found in ((71, "linked"), (73, "unlinked")):
        late = {**begun(after=hours * HOUR), "id": "late"}
        late["data"]["keys"] = ["K"]
        began = [begun(after=-2 * HOUR, key="other", process="loyalty", customer=None)]
        late["data"] = {**late["data"], "process": "loyalty", "customer": "nobody"}
        assert linked(told(*began, about(ticket_ref="K"), late))[0] == found


def test_a_second_candidate_makes_a_link_ambiguous_and_an_engines_own_id_is_final() -> None:
    first, late = begun(), begun(name="D-2", after=HOUR)
    sole, several = "sole_carrier", "shared_key"
    told_late = [first, {**about(ticket_ref=ORDER), "time": late["time"]}, late]
    assert linked(told(*told_late))[2] == several
    assert linked(told(first, about(instance="D-1", ticket_ref=ORDER), late))[2] == sole


def test_a_feedback_leaves_its_alert_where_the_instance_gives_it_another_owner() -> None:
    said = {**about(ticket_ref="K", text="Disappointed. Delayed."), "id": "r1-1"}
    found = told(said, begun(after=HOUR, process="loyalty", key="K"))
    row = found.feedback["/s", "r1-1"]
    assert (row["process"], row["team"], row["link"]["instance_id"]) == ("loyalty", "loyalty-club", "D-1")
    assert [(one["team"], one["members"], one["state"]) for one in found.alerts] == [
        ("fulfilment", [], "resolved"),
        ("loyalty-club", ["r1-1"], "open"),
    ]
    same = told(said, begun(after=HOUR, key="K"))
    assert alerts(same) == [("delivery_delay", ["r1-1"], "high", 1, 1)]


def test_what_comes_about_when_the_wait_ends_is_not_claimed() -> None:
    late = begun(after=72 * HOUR + HOUR / 2, key="K", customer=None)
    late["data"]["activity"] = "pack"
    found = told(begun(customer=None), about(ticket_ref="K"), late)
    assert (found.current, found.swayed) == (frozenset(), frozenset({"r1-1"}))


def linked(found: Expected, event_id: str = "r1-1", source: str = "/s") -> tuple[str, str, str, float, list[str]]:
    link = found.feedback[source, event_id]["link"]
    assert link["instance_id"] == (link["candidates"][0] if link["status"] == "linked" else None)
    return (link["status"], link["method"], link["reason"], link["confidence"], link["candidates"])


def begun(
    lifecycle: str = "start",
    *,
    name: str = "D-1",
    after: timedelta = -HOUR,
    process: str = "delivery",
    key: str = ORDER,
    customer: str | None = "anna",
) -> dict[str, Any]:
    data = {"instance": name, "process": process, "lifecycle": lifecycle, "keys": [key]}
    event_id = f"{name} {lifecycle} {after}"
    return event("/p", event_id, "process.instance.v1", after, **data, **({"customer": customer} if customer else {}))


def about(*, text: str = "", revision: int = 1, after: timedelta = NOW, **keys: str) -> dict[str, Any]:
    said = survey("r1", text=text or "Hm.", revision=revision, after=after)
    verbatims = {"verbatims": said["data"]["verbatims"]} if text else {"verbatims": []}
    process = {} if "touchpoint" in keys else {"process": "delivery"}
    return {**said, "data": {**said["data"], **verbatims, "correlation": {**process, **keys}}}


def merge(number: str, into: str, after: timedelta) -> dict[str, Any]:
    return ticket("merged", after=after, event_id=f"{number} merged", ticket_id=number, merged_into=into)
