from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from service.core.cause import Case, Compared, Gathered, Visit, cases_of, compared_of, gather
from service.core.records.alerts import Alert
from service.core.records.feedback import Downtime, Instance
from service.core.records.steps import Step
from service.core.records.words import AlertKind, Lifecycle
from tests.builders import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKED = Compared(
    process="shipping",
    category="delivery",
    region=None,
    since=START,
    until=START + 7 * DAY,
    ended_since=START - 14 * DAY,
)
ONE = Instance(instance_id="i1", process="shipping", started_at=START, version="7", tier="gold", updated_at=START)


def step(activity: str, hours: int, lifecycle: Lifecycle = Lifecycle.COMPLETE, team: str | None = None) -> Step:
    at = START + hours * HOUR
    return Step(
        instance_id="i1",
        process="shipping",
        source="/engine",
        event_id=f"{activity}-{hours}",
        name=f"{activity}-{hours}",
        at=at,
        told_at=at,
        activity=activity,
        lifecycle=lifecycle,
        team=team,
        attributes={"items": hours, "fragile": True, "note": None},
    )


def test_what_was_done_after_the_complaint_is_left_out_of_the_case() -> None:
    gathered = Gathered(
        instances=[ONE],
        complained_at={"i1": START + 3 * HOUR},
        steps=[step("check", 1, team="floor"), step("pack", 2), step("apologise", 9)],
        downtimes=[],
        negative=1,
        others=0,
    )
    visits = tuple(
        Visit(activity=name, team=team, started_at=START + hours * HOUR, ended_at=START + hours * HOUR)
        for name, team, hours in (("check", "floor", 1), ("pack", None, 2))
    )
    assert cases_of(gathered) == (
        Case(
            instance_id="i1",
            negative=True,
            version="7",
            tier="gold",
            attributes={"items": "2", "fragile": "true"},
            visits=visits,
            whole=False,
        ),
    )


@pytest.mark.parametrize(
    ("instance", "ran"),
    [
        (ONE, True),
        (replace(ONE, started_at=None), True),
        (replace(ONE, started_at=START + 7 * DAY), False),
        (replace(ONE, started_at=START - 30 * DAY, ended_at=START - 13 * DAY), True),
        (replace(ONE, started_at=START - 30 * DAY, ended_at=START - 14 * DAY), False),
        (replace(ONE, started_at=START - 30 * DAY, ended_at=START - 14 * DAY, begun_at=START - DAY), True),
        (replace(ONE, process="returns"), False),
    ],
)
def test_an_instance_ran_if_it_had_begun_and_had_not_ended_long_before(instance: Instance, *, ran: bool) -> None:
    assert gather(ASKED, [instance], [], {}, []).others == int(ran)


def test_of_more_than_fit_a_sample_stands_for_all() -> None:
    many = [replace(ONE, instance_id=f"i{at}") for at in range(100)]
    found = gather(replace(ASKED, most=10), many, [], {}, [])
    assert (len(found.instances), found.others, found.weight) == (10, 100, 1.0)
    assert found == gather(replace(ASKED, most=10), reversed(many), [], {}, [])
    sampled = Gathered(
        instances=many[:10], complained_at={"i0": START, "i1": START}, steps=[], downtimes=[], negative=2, others=80
    )
    assert sampled.weight == 10.0


@pytest.mark.parametrize(
    ("region", "since", "until", "struck"),
    [
        (None, 1, 2, True),
        ("uk", 1, 2, True),
        ("de", 1, 2, False),
        (None, -2, 0, False),
        (None, -2, None, True),
        (None, 5, 6, False),
    ],
)
def test_an_outage_is_a_downtime_of_its_process_and_region_while_it_ran(
    region: str | None, since: int, until: int | None, *, struck: bool
) -> None:
    down = Downtime(
        source="/ops",
        downtime_id="d",
        process="shipping",
        region=region,
        started_at=START + since * HOUR,
        ended_at=None if until is None else START + until * HOUR,
        occurred_at=START,
        event_id="d",
    )
    ran = replace(ONE, region="uk", ended_at=START + 5 * HOUR)
    gathered = Gathered(instances=[ran], complained_at={}, steps=[], downtimes=[down], negative=0, others=1)
    assert [one.outage for one in cases_of(gathered)] == [struck]


def test_of_a_review_its_cell_and_window_are_compared_and_of_another_alert_what_it_holds() -> None:
    alert = Alert(
        alert_id="a1",
        alert_key="k",
        episode=1,
        kind=AlertKind.VOLUME,
        team="drivers",
        route="volume",
        process="shipping",
        category="delivery",
        region="uk",
        opened_at=START + DAY,
        first_seen=START,
        last_seen=START + HOUR,
        evidence={"window": ["2026-04-20", "2026-05-03"]},
    )
    monday = datetime(2026, 4, 20, tzinfo=UTC)
    of_review = Compared(
        process="shipping",
        category="delivery",
        region="uk",
        since=monday,
        until=monday + 14 * DAY,
        ended_since=monday - 3 * DAY,
    )
    assert compared_of(alert, 3 * DAY) == of_review
    assert compared_of(replace(alert, kind=AlertKind.EVENT), 3 * DAY) == replace(
        of_review,
        since=START,
        until=START + HOUR + timedelta(microseconds=1),
        ended_since=START - 3 * DAY,
        alert_id="a1",
    )
