"""Scores as each adapter counts them: what holds, of customers, in a period, by each dimension, within bounds."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.records.decisions import Contribution
from service.core.records.facts import Facts
from service.core.records.feedback import Metric
from service.core.records.words import FeedbackKind
from service.core.scorecard import EVER, Dimension, Period, Sample, Tallied, count
from service.ports import Saving
from tests.builders import START, make_contribution, make_feedback, make_metric, make_target, survey, ticket
from tests.ports.conftest import Rig
from tests.ports.deciding import claimed, decide

DAY = timedelta(days=1)
FOUR_WEEKS = Period(since=START, until=START + 28 * DAY)


def nps(raw: float) -> Metric:
    return make_metric("nps", raw, 0, 10)


def csat(raw: float) -> Metric:
    return make_metric("csat", raw, 1, 5)


def told(tallied: Tallied) -> dict[tuple[str | None, Metric], int]:
    return {(tally.value, tally.score): tally.count for tally in tallied.tallies}


async def scores(rig: Rig, by: Dimension = Dimension.ALL, **more: Any) -> dict[tuple[str | None, Metric], int]:  # noqa: ANN401 - fields of Sample
    return told(await rig.desk.scores(Sample(by=by, **({"period": EVER} | more))))


async def _keep(rig: Rig, contributions: Iterable[Contribution]) -> None:
    facts = Facts()
    for one in contributions:
        facts.put_contribution(one)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START))


def _drawn(seed: int, many: int) -> list[Contribution]:
    """Draw contributions that differ in everything that scores are counted by."""
    dice = Random(seed)
    names = (None, "a", "B", "ä", "é", "zz", "Z", "1, 2", "")
    metrics = (nps(0), nps(7), csat(3), csat(3.5), make_metric("ces", 2, 1, 7, higher_is_better=False), csat(-0.0))
    found = []
    for at in range(many):
        feedback = make_feedback(
            event_id=f"e-{at}",
            subject=f"response/{at}",
            kind=dice.choice((FeedbackKind.SURVEY, FeedbackKind.SURVEY, FeedbackKind.TICKET, FeedbackKind.EMPLOYEE)),
            occurred_at=START + timedelta(hours=dice.randrange(-30, 30 * 24)),
            metrics=tuple(dice.choice(metrics) for _ in range(dice.randrange(4))),
            **{name: dice.choice(names) for name in ("segment", "channel", "region", "touchpoint", "survey")},
        )
        one = make_contribution(feedback, targets=[make_target(team=dice.choice(("desk", "drivers", "refunds")))])
        found.append(replace(one, process=dice.choice(("shipping", "returns", "unassigned"))))
    return found


@pytest.mark.parametrize("by", Dimension)
async def test_a_store_counts_as_the_core_does(rig: Rig, by: Dimension) -> None:
    contributions = _drawn(7, 400)
    await _keep(rig, contributions)
    rooms: list[dict[str, Any]] = [{}, {"values": 3}, {"tallies": 20}, {"values": 0}, {"tallies": 0}]
    for bounds in (*rooms, {"renamed": {"delivery": "late"}}):
        for period in (EVER, FOUR_WEEKS):
            sample = Sample(by=by, period=period, **bounds)
            found, expected = await rig.desk.scores(sample), count(contributions, sample)
            assert (told(found), found.left_off) == (told(expected), expected.left_off)
            assert len(found.tallies) == len(told(found))


async def test_the_scores_of_a_subject_are_those_of_the_state_that_holds(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for event in (
        survey("r1", 3, revision=1),
        survey("r1", 9, revision=2),
        survey("r1", 0, revision=1, event_id="late"),
        survey("r2", 10, revision=1),
        survey("r2", None, revision=2, state="deleted"),
        survey("r3", 8, "kind", revision=1),
        survey("r3", None, "lovely and kind", revision=2),
    ):
        lease = (await decide(rig.store, lease, event)).lease
    assert await scores(rig) == {(None, nps(9)): 1, (None, nps(8)): 1}


async def test_each_rating_of_a_ticket_counts_until_the_ticket_is_taken_back(rig: Rig) -> None:
    lease = await claimed(rig.store)
    rated = [ticket("csat", f"t{at}", event_id=f"c{at}", csat={"raw": 4}) for at in range(3)]
    opened = [ticket("created", f"t{at}", event_id=f"t{at}", body="late") for at in range(3)]
    again = ticket("csat", "t0", event_id="c9", csat={"raw": 4})
    lease = (await decide(rig.store, lease, *opened, *rated, again)).lease
    assert await scores(rig) == {(None, csat(4)): 4}
    await decide(rig.store, lease, ticket("deleted", "t0", event_id="d0"), at=START + DAY)
    assert await scores(rig) == {(None, csat(4)): 2}


async def test_of_several_scores_in_one_answer_each_counts_once(rig: Rig) -> None:
    given = [{"kind": "nps", "raw": 9}, {"kind": "csat", "raw": 5}, {"kind": "csat", "raw": 5}]
    await decide(rig.store, await claimed(rig.store), survey("r1", None, metrics=given))
    assert await scores(rig) == {(None, nps(9)): 1, (None, csat(5)): 2}


async def test_what_employees_say_is_not_among_the_scores_of_customers(rig: Rig) -> None:
    spoken = survey("r1", 2)
    body = {"feedback_id": "f1", "team": "drivers", "metrics": [{"kind": "nps", "raw": 1}]}
    own = {**spoken, "id": "f1", "source": "/staff", "type": "feedback.employee.v1", "data": body}
    await decide(rig.store, await claimed(rig.store), spoken, own)
    assert await scores(rig) == {(None, nps(2)): 1}


async def test_an_answer_is_in_the_period_in_which_its_subject_began(rig: Rig) -> None:
    lease = await claimed(rig.store)
    for days, event in enumerate(
        [survey("r1", 1, revision=1), survey("r2", 2), survey("r1", 9, revision=2), survey("r3", 3)]
    ):
        lease = (await decide(rig.store, lease, event, at=START + days * DAY)).lease
    first = Period(since=START, until=START + DAY)
    then = Period(since=START + DAY, until=START + 3 * DAY)
    assert await scores(rig, period=first) == {(None, nps(9)): 1}
    assert await scores(rig, period=then) == {(None, nps(2)): 1}
    assert await scores(rig) == {(None, nps(9)): 1, (None, nps(2)): 1, (None, nps(3)): 1}


@pytest.mark.parametrize(
    ("by", "value"),
    [
        (Dimension.ALL, None),
        (Dimension.SEGMENT, "retail"),
        (Dimension.CHANNEL, "email"),
        (Dimension.REGION, "uk"),
        (Dimension.TEAM, "drivers"),
        (Dimension.PROCESS, "shipping"),
        (Dimension.TOUCHPOINT, "checkout"),
        (Dimension.SURVEY, "s-1"),
    ],
)
async def test_scores_are_told_apart_by_what_the_answer_says(rig: Rig, by: Dimension, value: str | None) -> None:
    whole = survey(
        "r1",
        0,
        "late",
        customer={"ref": "anna", "region": "uk", "segment": "retail"},
        channel="email",
        survey_id="s-1",
        correlation={"process": "shipping", "touchpoint": "checkout"},
    )
    await decide(rig.store, await claimed(rig.store), whole, survey("r2", 0, "late", customer="ben"))
    expected = Counter({(value, nps(0)): 1})
    expected[value if by in (Dimension.ALL, Dimension.TEAM, Dimension.PROCESS) else None, nps(0)] += 1
    assert await scores(rig, by) == expected


async def test_of_too_many_values_those_with_the_most_scores_have_room(rig: Rig) -> None:
    many = [
        survey(f"{name}{at}", at % 2, survey_id=name) for name, times in (("a", 2), ("b", 4)) for at in range(times)
    ]
    await decide(rig.store, await claimed(rig.store), *many, survey("c", 5, survey_id="c"))
    found = await rig.desk.scores(Sample(by=Dimension.SURVEY, period=EVER, values=2))
    assert (told(found), found.left_off) == (
        {("b", nps(0)): 2, ("b", nps(1)): 2, ("a", nps(0)): 1, ("a", nps(1)): 1},
        1,
    )
    found = await rig.desk.scores(Sample(by=Dimension.SURVEY, period=EVER, tallies=3))
    assert (told(found), found.left_off) == ({("b", nps(0)): 2, ("b", nps(1)): 2}, 2)


async def test_there_are_no_scores_of_what_never_was(rig: Rig) -> None:
    found = await rig.desk.scores(Sample(by=Dimension.TEAM, period=EVER))
    assert (list(found.tallies), found.left_off) == ([], 0)
