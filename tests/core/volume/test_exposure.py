from datetime import date, timedelta

import numpy as np
import pytest

from service.core.volume.counting import CellKey
from service.core.volume.exposure import Exposure, exposures
from service.core.volume.grid import GRID_DAYS, CellHistory, week_grid
from service.core.volume.prior import clean_weeks, fit_prior
from service.core.volume.settings import ExposureSource
from service.core.volume.watched import Answers, Watched
from tests.core.volume.cells import CELL, by_age, day, turnout

PLACE = (CELL.process, None)
END = day(199)


def exposure(
    completed: list[float] | None = None, answers: list[float] | None = None, *, negative: int = 10, first_day: int = 0
) -> Exposure:
    """A process with ten complaints; what was completed and answered is of the 200 days up to the tick."""
    watched = Watched(
        contacts={CELL: turnout({number: [number] for number in range(190, 200)})},
        states={},
        first_days={CELL.process: day(first_day)},
        completed={} if completed is None else {PLACE: by_age(completed)},
        answers={} if answers is None else {PLACE: Answers(daily=by_age(answers), negative=negative)},
    )
    return exposures(watched, END, by_region=False)[PLACE]


def test_instances_completed_come_before_answers() -> None:
    found = exposure([2.0] * 100 + [6.0] * 100, [5.0] * 200)
    assert (found.source, found.first_day) == (ExposureSource.INSTANCES, day(0))
    assert found.daily is not None
    # One more than was counted on each day, over five on average.
    assert found.daily[:200].tolist() == [1.4] * 100 + [0.6] * 100
    assert found.answers is not None
    assert found.answers[:200].tolist() == [5] * 200


def test_answers_stand_in_where_nearly_all_complaints_are_answers() -> None:
    assert exposure(answers=[5.0] * 200, negative=8).source is ExposureSource.ANSWERS
    few = exposure(answers=[5.0] * 200, negative=7)
    assert (few.source, few.daily) == (ExposureSource.UNKNOWN, None)
    assert few.answers is not None


@pytest.mark.parametrize(("days", "source"), [(56, ExposureSource.INSTANCES), (55, ExposureSource.UNKNOWN)])
def test_what_is_known_for_less_than_eight_weeks_is_not_known(days: int, source: ExposureSource) -> None:
    assert exposure([0.0] * (200 - days) + [3.0] * days).source is source


def test_the_mean_is_that_of_the_days_on_which_the_cell_was_watched() -> None:
    found = exposure([9.0] * 100 + [4.0] * 100, first_day=150)
    assert found.first_day == day(150)
    assert found.daily is not None
    assert found.daily[:50].tolist() == [1] * 50


def test_a_few_instances_more_or_less_say_little_and_no_day_has_less_than_a_tenth() -> None:
    few, many = exposure([1.0, 0.0] * 100), exposure([99.0] * 193 + [0.0] * 7)
    assert few.daily is not None
    assert few.daily[:2].tolist() == [pytest.approx(1 / 1.5), pytest.approx(2 / 1.5)]
    assert many.daily is not None
    assert many.daily[:8].tolist() == [0.1] * 7 + [pytest.approx(100 / 96.535)]


def test_a_week_without_any_does_not_make_all_cells_look_wild() -> None:
    daily = np.full(GRID_DAYS, 3.0)
    daily[70:77] = 0
    names = [CellKey(process=f"p{number}", category="refund", region=None) for number in range(9)]
    # Two a week, and always on the same day, whatever was completed.
    weekly = turnout({7 * week + 3: [2 * week, 2 * week + 1] for week in range(28)})
    watched = Watched(
        contacts=dict.fromkeys(names, weekly),
        states={},
        first_days={name.process: day(0) for name in names},
        completed={("p0", None): daily},
    )
    known = exposures(watched, day(195), by_region=False)
    histories = [
        CellHistory(
            cell=name,
            first_day=known[name.process, None].first_day,
            counted=weekly,
            exposure=known[name.process, None].daily,
        )
        for name in names
    ]
    assert fit_prior(clean_weeks(week_grid(histories, day(195), 0.7))).phi == 1.02


def test_what_ended_before_the_cell_was_watched_is_no_exposure() -> None:
    found = exposure([3.0] * 150 + [0.0] * 50, first_day=150)
    assert (found.source, found.first_day, found.daily) == (ExposureSource.UNKNOWN, END - timedelta(days=49), None)


def test_answers_of_which_most_are_complaints_are_no_exposure() -> None:
    half, more = exposure(answers=[0.1] * 200, negative=10), exposure(answers=[0.1] * 200, negative=11)
    assert (half.source, more.source) == (ExposureSource.ANSWERS, ExposureSource.UNKNOWN)


def test_where_instances_are_not_known_long_enough_answers_are_asked() -> None:
    found = exposure([0.0] * 190 + [3.0] * 10, [5.0] * 200)
    assert (found.source, found.first_day) == (ExposureSource.ANSWERS, day(0))


def test_a_cell_is_watched_from_the_first_instance_where_feedback_came_before() -> None:
    found = exposure([0.0] * 40 + [3.0] * 160, first_day=20)
    assert (found.source, found.first_day) == (ExposureSource.INSTANCES, day(40))


@pytest.mark.parametrize("known", [{}, {CELL.process: END + timedelta(days=3)}], ids=["unheard of", "heard of later"])
def test_a_process_that_is_not_heard_of_before_the_tick_is_watched_from_its_day(known: dict[str, date]) -> None:
    watched = Watched(contacts={CELL: turnout({199: [1]})}, states={}, first_days=known)
    assert exposures(watched, END, by_region=False)[PLACE] == Exposure(
        source=ExposureSource.UNKNOWN, first_day=END, daily=None, answers=None
    )


def test_a_process_without_a_complaint_has_its_exposure_all_the_same() -> None:
    watched = Watched(contacts={}, states={}, first_days={CELL.process: day(0)}, completed={PLACE: by_age([3.0] * 200)})
    assert exposures(watched, END, by_region=False)[PLACE].source is ExposureSource.INSTANCES


UK, REST = (CELL.process, "uk"), (CELL.process, None)


@pytest.mark.parametrize(
    ("by_region", "expected"),
    [
        pytest.param(True, {UK: [1.6, 0.4], REST: [1.0, 1.0]}, id="each region has its own"),
        pytest.param(False, {REST: [pytest.approx(9 / 6), pytest.approx(3 / 6)]}, id="one that is not parted has both"),
    ],
)
def test_exposure_is_parted_by_region_as_cells_are(by_region: bool, expected: dict[object, list[float]]) -> None:  # noqa: FBT001 - a case
    watched = Watched(
        contacts={},
        states={},
        first_days={CELL.process: day(0)},
        completed={UK: by_age([1.0, 7.0] * 100), REST: by_age([1.0, 1.0] * 100)},
    )
    known = exposures(watched, END, by_region=by_region)
    assert {place: one.daily[:2].tolist() for place, one in known.items() if one.daily is not None} == expected


def test_answers_of_all_regions_are_put_together_with_their_complaints() -> None:
    uk = CellKey(process=CELL.process, category=CELL.category, region="uk")
    watched = Watched(
        contacts={uk: turnout({number: [number] for number in range(190, 200)})},
        states={},
        first_days={CELL.process: day(0)},
        answers={
            UK: Answers(daily=by_age([2.0] * 200), negative=5),
            REST: Answers(daily=by_age([1.0] * 200), negative=3),
        },
    )
    known = exposures(watched, END, by_region=False)
    assert (known[REST].source, list(known)) == (ExposureSource.ANSWERS, [REST])
    assert exposures(watched, END, by_region=True)[UK].source is ExposureSource.UNKNOWN
