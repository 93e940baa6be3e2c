"""What a team owns, with and without dates: how it is written, and gaps and overlaps as faults."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from service.core.playbook.digest import canonical_text
from service.core.playbook.faults import faults
from service.core.playbook.ownership import Ownership
from tests.builders import make_playbook

JULY = datetime(2026, 7, 1, tzinfo=UTC)
TEAMS = ("drivers", "refunds", "legal")


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("2026-07-01", JULY),
        (date(2026, 7, 1), JULY),
        (JULY, JULY),
        ("2026-07-01T06:00:00Z", JULY.replace(hour=6)),
        ("2026-07-01T01:00:00+02:00", datetime(2026, 6, 30, 23, tzinfo=UTC)),
    ],
)
def test_a_time_is_a_day_or_an_instant_in_utc(written: object, at: datetime) -> None:
    owned = Ownership.model_validate({"category": "delivery", "from": written})
    assert (owned.match, owned.from_, owned.until) == ({"category": ("delivery",)}, at, None)


@pytest.mark.parametrize("written", ["July", "2026-07-01T06:00:00", 20260701, "0001-01-01T00:00:00+14:00", [], True])
def test_what_is_no_time_in_utc_is_refused(written: object) -> None:
    with pytest.raises(ValidationError, match="write a day or an instant in UTC"):
        Ownership.model_validate({"category": "delivery", "until": written})


def test_what_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="until comes no later than from"):
        Ownership.model_validate({"category": "delivery", "from": "2026-07-01", "until": "2026-07-01"})


@pytest.mark.parametrize("written", [{"x": "y"}, {"match": {"category": "delivery"}}, "delivery", None])
def test_an_entry_is_a_matcher_and_its_times(written: object) -> None:
    with pytest.raises(ValidationError):
        Ownership.model_validate(written)


def test_it_holds_from_its_first_instant_until_before_its_last() -> None:
    owned = Ownership.model_validate({"category": "delivery", "from": "2026-06-01", "until": "2026-07-01"})
    ends = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 30, 23, 59, 59, tzinfo=UTC))
    assert all(owned.holds(at) for at in ends)
    assert not owned.holds(JULY)
    assert not owned.holds(datetime(2026, 5, 31, 23, 59, 59, tzinfo=UTC))


def test_it_is_written_as_it_was_read_and_a_plain_one_as_ever() -> None:
    for given in ({"category": ("refund",)}, {"category": ("refund",), "until": "2026-07-01T00:00:00+00:00"}):
        owned = Ownership.model_validate(given)
        assert owned.model_dump(by_alias=True) == given
        assert Ownership.model_validate(owned.model_dump(by_alias=True)) == owned
    assert '"owns":[{"category":["delivery"]},' in canonical_text(make_playbook())


def found(*owns: Sequence[dict[str, Any]]) -> list[tuple[tuple[str | int, ...], str]]:
    """Check a shop whose teams own this."""
    names = dict(zip(TEAMS, owns, strict=False))
    teams = [{"id": name, "name": name, "owns": list(names.get(name, ()))} for name in ("desk", "judges", *TEAMS)]
    playbook = make_playbook(teams=teams)
    return [(one.path, one.message) for one in faults(playbook)]


def of(category: object = "delivery", **times: str) -> dict[str, Any]:
    return {"category": category, **times}


def begins(day: str, category: object = "delivery") -> dict[str, Any]:
    return {"category": category, "from": day}


@pytest.mark.parametrize(
    "owns",
    [
        pytest.param(([of(until="2026-07-01")], [begins("2026-07-01")]), id="one follows the other"),
        pytest.param(([begins("2026-07-01")],), id="before the first of them it is nobody's"),
        pytest.param(([of(until="2026-07-01"), begins("2026-07-01")],), id="the same team goes on"),
        pytest.param(
            (
                [of(["delivery", "refund"], until="2026-07-01")],
                [begins("2026-07-01")],
                [begins("2026-07-01", "refund")],
            ),
            id="two share what one had",
        ),
    ],
)
def test_ownership_that_goes_on_has_no_fault(owns: tuple[Sequence[dict[str, Any]], ...]) -> None:
    assert found(*owns) == []


def test_an_undated_entry_covers_what_ends_within_it() -> None:
    narrow = {"category": "delivery", "region": "uk", "until": "2026-07-01"}
    assert found([narrow, of()]) == []
    assert found([{**narrow, "region": ["uk", "de"]}, {"category": "delivery", "region": "de"}]) == [
        (
            ("teams", 2, "owns", 0, "until"),
            "nobody owns category delivery, region uk from 2026-07-01 on; give it to a team from then on",
        )
    ]


@pytest.mark.parametrize(
    ("owns", "path", "message"),
    [
        pytest.param(
            ([of(until="2026-07-01")],),
            (2, "owns", 0, "until"),
            "nobody owns category delivery from 2026-07-01 on; give it to a team from then on",
            id="an end without a successor",
        ),
        pytest.param(
            ([of(until="2026-07-01")], [begins("2026-07-03T06:00:00Z")]),
            (2, "owns", 0, "until"),
            "nobody owns category delivery from 2026-07-01 until 2026-07-03T06:00:00+00:00; give it to a team",
            id="a hole between two",
        ),
        pytest.param(
            ([of(["delivery", "refund"], until="2026-07-01")], [begins("2026-07-01")]),
            (2, "owns", 0, "until"),
            "nobody owns category refund from 2026-07-01 on; give it to a team from then on",
            id="a successor for one of two",
        ),
        pytest.param(
            ([of(until="2026-07-03")], [begins("2026-07-01")]),
            (3, "owns", 0),
            "drivers owns the same from 2026-07-01 until 2026-07-03, so that neither gets it; let one end first",
            id="two at once for two days",
        ),
        pytest.param(
            ([of()], [begins("2026-07-01")]),
            (3, "owns", 0),
            "drivers owns the same from 2026-07-01 on, so that neither gets it; let one end first",
            id="one without an end and one that begins",
        ),
        pytest.param(
            ([begins("2026-07-01")], [of()]),
            (2, "owns", 0),
            "refunds owns the same from 2026-07-01 on, so that neither gets it; let one end first",
            id="the dated one is told of whichever comes first",
        ),
        pytest.param(
            ([{**of(until="2026-07-01"), "tier": "gold"}],),
            (2, "owns", 0, "tier"),
            "tier is not said of an alert, so that none could be handed over at the date; name category, process, ",
            id="a field that alerts do not carry",
        ),
        pytest.param(
            ([{"until": "2026-07-01"}],),
            (2, "owns", 0),
            "owns everything; name at least one field, or leave it out",
            id="nothing but times",
        ),
        pytest.param(
            ([{**of(until="2026-07-01"), "region": [f"r{at}" for at in range(1_001)]}],),
            (2, "owns", 0),
            "combines more than 1000 values, which are compared one by one; write several entries",
            id="more than can be compared",
        ),
    ],
)
def test_gaps_and_overlaps_are_faults_with_their_dates(
    owns: tuple[Sequence[dict[str, Any]], ...], path: tuple[str | int, ...], message: str
) -> None:
    ((where, said),) = found(*owns)
    assert where == ("teams", *path)
    assert said.startswith(message)
