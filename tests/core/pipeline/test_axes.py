"""Stages and outcomes of feedback: on the decision, in routes, and in no cell."""

from datetime import timedelta

from service.adapters.memory.watching import watched
from service.core.records.decisions import PartKey
from tests.builders import START, TICKETS, Timeline, survey, ticket
from tests.core.taxonomy.words import AXES, of

DAY = START.date()
ROUTES = {
    "team": "desk",
    "arbitration": "judges",
    "routes": [{"id": "door", "match": {"stage": "doorstep"}, "when": "feedback.outcome == ''", "team": "drivers"}],
}


def test_a_route_may_ask_where_it_happened_and_no_cell_counts_it() -> None:
    line = Timeline(of(*AXES, routes=ROUTES))
    line.push(timedelta(), survey("r1", 0, "Left on the doorstep"), survey("r2", 0, "Late, on my porch"))
    told = {row.document["subject"]: row.document for row in line.store.rows.rows.values()}
    assert {name: (one["category"], one["stage"], one["outcome"], one["team"]) for name, one in told.items()} == {
        "response/r1": ("unmapped", "doorstep", None, "drivers"),
        "response/r2": ("delivery.late", "doorstep", None, "drivers"),
    }
    cells = watched(line.store.rows, DAY, DAY).contacts
    assert sorted(cell.category for cell in cells) == ["delivery.late", "unmapped"]


def test_what_a_later_state_leaves_out_of_an_axis_stays_as_it_was() -> None:
    line = Timeline(of(*AXES, routes=ROUTES))
    line.push(timedelta(), ticket(event_id="e1", body="Late, on my porch"))
    line.push(timedelta(hours=1), ticket("updated", event_id="e2", source_labels=["refunded"], status="open"))
    found = line.store.rows.contributions[PartKey(TICKETS, "ticket/t1")].categorised
    assert (found.category, found.stage, found.outcome) == ("delivery.late", "doorstep", "paid-back")
