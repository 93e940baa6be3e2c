from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.core.volume import CellKey, Contact, DayRange, Turnout, counted_customers, together, turnouts
from service.core.volume.counting import merged

REFUNDS = CellKey(process="order-to-cash", category="refund", region=None)
DELIVERY = CellKey(process="order-to-cash", category="delivery", region="uk")
RETURNS = CellKey(process="returns", category="refund", region=None)
MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

Named = Mapping[CellKey, Mapping[date, frozenset[str]]]

contacts = st.lists(
    st.builds(
        Contact,
        cell=st.sampled_from((REFUNDS, DELIVERY, RETURNS)),
        customer=st.sampled_from(("ann", "bob", "cho", "dee")),
        occurred_at=st.integers(0, 60 * 24 * 40).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    ),
    max_size=60,
)
days = st.sets(st.integers(0, 60).map(lambda offset: date(2026, 1, 1) + timedelta(days=offset)))


def contact(customer: str, day: float, cell: CellKey = REFUNDS) -> Contact:
    return Contact(cell=cell, customer=customer, occurred_at=MONDAY + timedelta(days=day))


def named(turnout_of: Mapping[CellKey, Turnout], numbered: Iterable[Contact]) -> Named:
    """Customers by their names and days by their dates; numbers were given in the order in which the names came."""
    names = list(dict.fromkeys(one.customer for one in numbered))
    by_cell: dict[CellKey, dict[date, frozenset[str]]] = {}
    for cell, one in turnout_of.items():
        by_day: defaultdict[date, list[str]] = defaultdict(list)
        for ordinal, number in zip(one.days.tolist(), one.customers.tolist(), strict=True):
            by_day[date.fromordinal(ordinal)].append(names[number])
        assert all(len(customers) == len(set(customers)) for customers in by_day.values())
        by_cell[cell] = {day: frozenset(customers) for day, customers in by_day.items()}
    return by_cell


def counted(given_contacts: Sequence[Contact]) -> Named:
    return named(counted_customers(turnouts(given_contacts)), given_contacts)


def plainly_counted(given_contacts: Iterable[Contact]) -> Named:
    """One customer after the other, day by day."""
    heard: defaultdict[tuple[CellKey, str], set[date]] = defaultdict(set)
    for one in given_contacts:
        heard[one.cell, one.customer].add(one.occurred_at.astimezone(UTC).date())
    by_cell: defaultdict[CellKey, defaultdict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for (cell, customer), on_days in heard.items():
        last = None
        for day in sorted(on_days):
            if last is None or day - last >= timedelta(days=7):
                by_cell[cell][day].add(customer)
                last = day
    return {cell: {day: frozenset(them) for day, them in by_day.items()} for cell, by_day in by_cell.items()}


def test_one_customer_writing_twelve_times_in_a_week_counts_once_on_the_first_day() -> None:
    twelve = [contact("ann", hours / 2) for hours in range(12)]
    assert counted(twelve[::-1]) == {REFUNDS: {date(2026, 5, 4): frozenset({"ann"})}}


def test_a_customer_counts_again_seven_days_after_the_last_time_it_counted() -> None:
    ann = frozenset({"ann"})
    assert counted([contact("ann", day) for day in (0, 4, 7, 13, 15)]) == {
        REFUNDS: {date(2026, 5, 4): ann, date(2026, 5, 11): ann, date(2026, 5, 19): ann},
    }


def test_customers_and_cells_count_apart() -> None:
    assert counted([contact("ann", 0), contact("bob", 0), contact("ann", 1, DELIVERY), contact("ann", 1)]) == {
        REFUNDS: {date(2026, 5, 4): frozenset({"ann", "bob"})},
        DELIVERY: {date(2026, 5, 5): frozenset({"ann"})},
    }


def test_the_day_is_the_utc_day() -> None:
    late_in_new_york = datetime(2026, 5, 4, 22, 0, tzinfo=timezone(timedelta(hours=-4)))
    assert counted([Contact(cell=REFUNDS, customer="ann", occurred_at=late_in_new_york)]) == {
        REFUNDS: {date(2026, 5, 5): frozenset({"ann"})},
    }


def test_no_contacts_count_nowhere() -> None:
    assert counted_customers(turnouts([])) == {}


def test_the_earliest_and_the_latest_of_days_are_counted_like_any_other() -> None:
    ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert counted([Contact(cell=REFUNDS, customer="ann", occurred_at=end) for end in ends]) == {
        REFUNDS: {end.date(): frozenset({"ann"}) for end in ends}
    }


@given(contacts, st.randoms(use_true_random=False))
def test_counting_agrees_with_a_plain_loop_over_customers_whatever_the_order(
    given_contacts: list[Contact], random: Random
) -> None:
    shuffled = list(given_contacts)
    random.shuffle(shuffled)
    assert counted(shuffled) == plainly_counted(given_contacts)


@given(contacts)
def test_no_customer_counts_twice_in_any_seven_days(given_contacts: list[Contact]) -> None:
    for by_day in counted(given_contacts).values():
        for day in by_day:
            week = [customer for offset in range(7) for customer in by_day.get(day + timedelta(days=offset), ())]
            assert len(week) == len(set(week))


@given(contacts)
def test_every_contact_lies_within_seven_days_after_one_that_counts(given_contacts: list[Contact]) -> None:
    found = counted(given_contacts)
    for one in given_contacts:
        day = one.occurred_at.date()
        assert any(
            one.customer in found[one.cell].get(day - timedelta(days=offset), frozenset()) for offset in range(7)
        )


def test_rows_cut_off_before_a_gap_of_seven_days_change_nothing_after_it() -> None:
    later = [contact("ann", day) for day in (20, 23, 27)]
    ann = frozenset({"ann"})
    assert counted(later) == {REFUNDS: {date(2026, 5, 24): ann, date(2026, 5, 31): ann}}
    assert counted([contact("ann", 0), contact("ann", 13), *later]) == {
        REFUNDS: {date(2026, 5, 4): ann, date(2026, 5, 17): ann, date(2026, 5, 24): ann, date(2026, 5, 31): ann},
    }


@given(contacts)
def test_a_turnout_holds_every_contact_before_it_is_counted(given_contacts: list[Contact]) -> None:
    found = turnouts(given_contacts)
    assert {cell: len(one.days) for cell, one in found.items()} == {
        cell: sum(one.cell == cell for one in given_contacts) for cell in {one.cell for one in given_contacts}
    }


@given(contacts)
def test_what_counts_is_in_the_order_of_days_for_whoever_asks_for_some_of_them(given_contacts: list[Contact]) -> None:
    first, last = date(2026, 5, 10), date(2026, 5, 23)
    numbered = counted_customers(turnouts(given_contacts))
    by_name = counted(given_contacts)
    names = list(dict.fromkeys(one.customer for one in given_contacts))
    for cell, one in numbered.items():
        assert (np.diff(one.days) >= 0).all()
        within = [names[number] for number in one.within(DayRange(first=first, last=last)).tolist()]
        expected = [name for day, them in by_name[cell].items() if first <= day <= last for name in them]
        assert sorted(within) == sorted(expected)


@given(contacts)
def test_cells_taken_together_count_a_customer_of_several_once(given_contacts: list[Contact]) -> None:
    parts = turnouts(given_contacts)
    if parts:
        as_one = counted_customers({REFUNDS: together(list(parts.values()))})
        of_one_cell = [replace(one, cell=REFUNDS) for one in given_contacts]
        assert named(as_one, given_contacts) == plainly_counted(of_one_cell)


@given(contacts)
def test_a_cell_counts_alike_in_any_company(given_contacts: list[Contact]) -> None:
    parts = turnouts(given_contacts)
    whole = named(counted_customers(parts), given_contacts)
    alone = [named(counted_customers({cell: one}), given_contacts) for cell, one in parts.items()]
    assert whole == {cell: by_day for one in alone for cell, by_day in one.items()}


def test_hundreds_of_thousands_of_contacts_count_as_those_of_each_cell_alone() -> None:
    rng = np.random.default_rng(5)
    parts = {
        replace(REFUNDS, region=str(number)): Turnout(rng.integers(700_000, 700_420, size), rng.integers(0, 900, size))
        for number, size in enumerate((150_000, 10, 60_000, 0, 90_000, 199_999, 1, 40_000))
    }
    counted_together = counted_customers(parts)
    assert list(counted_together) == list(parts)
    for cell, one in parts.items():
        alone = counted_customers({cell: one})[cell]
        assert np.array_equal(counted_together[cell].days, alone.days)
        assert np.array_equal(counted_together[cell].customers, alone.customers)


@given(days)
def test_merged_ranges_hold_exactly_the_days_and_never_touch(given_days: set[date]) -> None:
    ranges = merged(given_days)
    assert [day for one in ranges for day in one] == sorted(given_days)
    assert all((later.first - earlier.last).days > 1 for earlier, later in pairwise(ranges))


def test_a_range_has_both_its_ends() -> None:
    week = DayRange(first=date(2026, 5, 4), last=date(2026, 5, 10))
    assert (len(week), *(list(week)[end] for end in (0, -1))) == (7, week.first, week.last)
