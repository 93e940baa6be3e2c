import pytest

from service.core.cause import Comparison, Side, VersionVerdict, compare_versions
from service.core.intervals import difference, share
from tests.core.cause.cases import group


def test_two_versions_are_compared_by_their_rates_with_intervals() -> None:
    cases = group("old", 48, 80, version="1") + group("new", 56, 70, version="2") + group("other", 9, 90, version="3")
    assert compare_versions("1", "2", cases) == Comparison(
        before=Side(version="1", instances=80, negative=48, in_outage=0, rate=share(48, 80)),
        after=Side(version="2", instances=70, negative=56, in_outage=0, rate=share(56, 70)),
        difference=difference(share(56, 70), share(48, 80)),
        verdict=VersionVerdict.WORSE,
    )


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ((10, 200), (30, 200), VersionVerdict.WORSE),
        ((30, 200), (10, 200), VersionVerdict.BETTER),
        ((10, 200), (12, 200), VersionVerdict.NO_DIFFERENCE),
        ((0, 200), (0, 200), VersionVerdict.TOO_FEW),
        ((1, 200), (3, 200), VersionVerdict.TOO_FEW),
        ((10, 200), (20, 29), VersionVerdict.TOO_FEW),
        ((10, 200), (0, 0), VersionVerdict.TOO_FEW),
    ],
)
def test_the_verdict_is_what_the_interval_of_the_difference_says(
    before: tuple[int, int], after: tuple[int, int], verdict: VersionVerdict
) -> None:
    cases = group("old", *before, version="1") + group("new", *after, version="2")
    assert compare_versions("1", "2", cases).verdict is verdict


def test_what_an_outage_struck_is_counted_apart() -> None:
    """The later version is complained of more only because it was running when the system was down."""
    cases = group("old", 10, 200, version="1") + group("new", 10, 200, version="2")
    cases += group("down", 40, 50, version="2", outage=True)
    found = compare_versions("1", "2", cases)
    assert (found.verdict, found.after.in_outage) == (VersionVerdict.NO_DIFFERENCE, 50)
