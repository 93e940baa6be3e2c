"""Categories that one kind of feedback has to itself, and employees, who are many people of one team."""

from datetime import timedelta
from typing import Any

import pytest

from service.adapters.memory.watching import watched, watched_hours
from service.core.categorise import categorise
from service.core.records.words import FeedbackKind
from service.core.taxonomy import compile_ladder
from tests.builders import START, Timeline, survey
from tests.core.taxonomy.words import of

BRANCHES: tuple[dict[str, Any], ...] = (
    {"id": "late", "label": {"en": "Late"}, "labels": ["late"], "keywords": {"en": ["late", "parcel"]}},
    {
        "id": "work.tools",
        "kinds": ["employee"],
        "label": {"en": "Tools"},
        "labels": ["tools"],
        "keywords": {"en": ["scanner"]},
    },
    {"id": "desk", "kinds": ["ticket", "survey"], "label": {"en": "Desk"}, "keywords": {"en": ["reply"]}},
)
EMPLOYEE, SURVEY, TICKET = FeedbackKind.EMPLOYEE, FeedbackKind.SURVEY, FeedbackKind.TICKET


@pytest.mark.parametrize(
    ("kind", "labels", "text", "expected"),
    [
        (EMPLOYEE, (), "The scanner lost a late parcel", ("work.tools",)),
        (EMPLOYEE, ("late",), "The scanner is slow", ("work.tools",)),
        (EMPLOYEE, (), "Every parcel is late", ("late",)),
        (EMPLOYEE, (), "Nobody gave a reply", ()),
        (SURVEY, (), "The scanner lost a late parcel", ("late",)),
        (SURVEY, ("tools",), "The scanner", ()),
        (TICKET, (), "No reply about my late parcel", ("desk",)),
        (None, (), "No reply about the scanner", ("work.tools", "desk")),
    ],
)
def test_a_kind_is_looked_for_in_its_own_branch_first_and_never_in_anothers(
    kind: FeedbackKind | None, labels: tuple[str, ...], text: str, expected: tuple[str, ...]
) -> None:
    rules = compile_ladder(of(*BRANCHES)).issues
    assert categorise(rules, labels, text, "en", kind=kind).categories == expected


def employee(name: str, text: str, team: str | None = "north") -> dict[str, Any]:
    data: dict[str, Any] = {"feedback_id": name, "metrics": [{"kind": "csat", "raw": 1}]}
    data["verbatims"] = [{"text": text, "language": "en"}]
    if team is not None:
        data["team"] = team
    return {
        "specversion": "1.0",
        "id": name,
        "source": "/staff",
        "type": "feedback.employee.v1",
        "data": data,
    }


def test_employees_count_by_team_and_whoever_names_none_by_himself() -> None:
    line = Timeline(of(*BRANCHES))
    said = [employee(f"s{at}", "The scanner is broken") for at in range(3)]
    line.push(timedelta(), *said, employee("s3", "The scanner", "south"), employee("s4", "The scanner", None))
    (alert,) = line.store.rows.alerts.values()
    assert (alert.events, alert.customers) == (5, 3)


def test_a_team_that_writes_often_is_no_customer_who_comes_back() -> None:
    line = Timeline(of(*BRANCHES))
    for day in range(4):
        line.push(timedelta(days=day), employee(f"s{day}", "The scanner is broken"))
    assert {one.assessed.contacts for one in line.store.rows.contributions.values()} == {1}


def test_no_cell_counts_what_employees_say() -> None:
    line = Timeline(of(*BRANCHES))
    many = [employee(f"s{at}", "late parcel", f"team-{at}") for at in range(9)]
    line.push(timedelta(), *many, survey("r1", 0, "late"))
    cells = watched(line.store.rows, START.date(), START.date()).contacts
    assert {cell.category: len(turnout.days) for cell, turnout in cells.items()} == {"late": 1}
    hours = watched_hours(line.store.rows, START + timedelta(hours=1), 1).contacts
    assert {cell.category: len(turnout.days) for cell, turnout in hours.items()} == {"late": 1}
