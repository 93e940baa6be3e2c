"""What the owner of the taxonomy is told of: too much without a category, and tags that ask for one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from service.core.playbook.faults import faults
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert
from service.core.records.words import AlertKind, AlertState, Flag
from service.core.taxonomy import Coverage, Looked, is_over
from tests.builders import Timeline, make_playbook, survey, ticket

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
LOCKER = "The locker screen was black"
# A tick is due at midnight, a day after its window.
DUE = 8 * DAY - 9 * HOUR


def shop(**asked: Any) -> Playbook:  # noqa: ANN401 - fields of the part
    return make_playbook(
        volume={"hourly": {"enabled": False}},
        fatigue={"floor": "critical"},
        taxonomy_review={"team": "legal", "min": 10, **asked},
    )


def said(line: Timeline, week: int, text: str, count: int, **more: Any) -> None:  # noqa: ANN401 - fields of the contract
    for at in range(count):
        name = f"{text[:9]}-{week}-{at}"
        line.push(week * WEEK + at * HOUR, survey(name, 5, text, customer=name, **more))


def items(line: Timeline) -> list[Alert]:
    return [one for one in line.store.rows.alerts.values() if one.kind is AlertKind.TAXONOMY]


def test_too_much_without_a_category_is_told_once_with_what_it_is_about() -> None:
    line = Timeline(shop())
    said(line, 0, "late", 7)
    said(line, 0, LOCKER, 3)
    line.wait(DUE + HOUR)
    (item,) = items(line)
    assert [(one.at, one.team, one.reason, one.severity) for one in line.told()] == [
        (DUE + timedelta(minutes=1), "legal", "opened", "low")
    ]
    (theme,) = item.evidence["themes"]
    assert (theme["size"], set(theme["words"]), [one.text for one in item.excerpts]) == (
        3,
        {"black", "locker", "screen"},
        [LOCKER],
    )
    kept = ("what", "source", "heard", "unmapped", "share", "limit", "languages", "reason", "window")
    assert {name: item.evidence[name] for name in kept} == {
        "what": "unmapped",
        "source": "/surveys",
        "heard": 10,
        "unmapped": 3,
        "share": 0.3,
        "limit": 0.15,
        "languages": {"en": 3},
        "reason": "many_unmapped",
        "window": ["2026-04-13", "2026-05-10"],
    }
    said(line, 1, LOCKER, 4)
    line.wait(DUE + WEEK + HOUR)
    assert ({one.reason for one in line.told()}, items(line)[0].events) == ({"repeat"}, 7)


def test_it_is_over_once_two_windows_were_covered() -> None:
    line = Timeline(shop(days=7))
    said(line, 0, LOCKER, 10)
    for week in (1, 2, 3):
        said(line, week, "late", 10)
    states = []
    for week in (1, 2, 3):
        line.wait(DUE + (week - 1) * WEEK + HOUR)
        states.append(items(line)[0].state)
    assert states == [AlertState.OPEN, AlertState.OPEN, AlertState.RESOLVED]
    assert line.told()[-1].reason == "resolved"


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (Coverage(named=85, unnamed=15), Looked.FEW_UNMAPPED),
        (Coverage(named=84, unnamed=16), Looked.MANY_UNMAPPED),
        (Coverage(named=0, unnamed=9), Looked.LITTLE_HEARD),
        (Coverage(named=0, unnamed=0), Looked.LITTLE_HEARD),
    ],
)
def test_a_share_above_the_limit_of_enough_calls_for_a_look(heard: Coverage, expected: Looked) -> None:
    asked = shop().taxonomy_review
    assert asked is not None
    assert is_over(heard, asked) is expected


def test_a_score_without_words_is_nothing_that_a_step_could_name() -> None:
    line = Timeline(shop())
    said(line, 0, "late", 10)
    for at in range(20):
        line.push(DAY, survey(f"bare-{at}", 3, customer=f"b{at}"))
    line.wait(DUE + HOUR)
    assert items(line) == []


def test_nobody_looks_where_nobody_asked() -> None:
    line = Timeline(make_playbook(volume={"hourly": {"enabled": False}}))
    said(line, 0, LOCKER, 40)
    line.wait(DUE + HOUR)
    assert items(line) == []


def tagged(at: int, customer: str) -> Mapping[str, Any]:
    labels = ["No_Process"]
    return ticket(ticket_id=f"t{at}", event_id=f"e{at}", customer=customer, body="late gift wrap", source_labels=labels)


def test_a_tag_on_enough_subjects_of_enough_people_asks_for_a_category() -> None:
    line = Timeline(shop(tags=["no_process"], tag_min=5))
    for at in range(5):
        line.push(at * HOUR, tagged(at, f"c{at % 3}"))
    line.wait(DUE + HOUR)
    (item,) = items(line)
    assert item.fields == {"tag": "no_process"}
    kept = ("what", "tag", "subjects", "voices", "employees", "reason")
    assert [item.evidence[name] for name in kept] == ["tag", "no_process", 5, 3, 0, "tagged_often"]
    assert set(item.evidence["suggested"]) == {"gift", "late", "wrap"}
    (notice,) = [one for one in line.store.rows.notices if one.alert.kind is AlertKind.TAXONOMY]
    assert notice.title == "Taxonomy: 5 feedbacks are tagged no_process; is a category missing?"
    flags = {flag for one in line.store.rows.contributions.values() for flag in one.feedback.flags}
    assert flags == {Flag.FRONTLINE_TAG}


@pytest.mark.parametrize(("subjects", "people"), [(4, 4), (6, 2)], ids=["too few", "too few people"])
def test_few_tags_or_those_of_few_people_ask_for_nothing(subjects: int, people: int) -> None:
    line = Timeline(shop(tags=["no_process"], tag_min=5))
    for at in range(subjects):
        line.push(at * HOUR, tagged(at, f"c{at % people}"))
    line.wait(DUE + HOUR)
    assert items(line) == []


def test_the_owner_of_the_taxonomy_is_a_team() -> None:
    (fault,) = faults(shop(team="nobody"))
    assert fault.path == ("taxonomy_review", "team")
