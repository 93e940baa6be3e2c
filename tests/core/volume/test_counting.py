from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from service.core.volume import CellKey, Contact, DayRange, counted_customers, daily_counts
from service.core.volume.counting import merged

REFUNDS = CellKey(process="order-to-cash", category="refund", region=None)
DELIVERY = CellKey(process="order-to-cash", category="delivery", region="uk")
MONDAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)

contacts = st.lists(
    st.builds(
        Contact,
        cell=st.sampled_from((REFUNDS, DELIVERY)),
        customer=st.sampled_from(("ann", "bob", "cho")),
        occurred_at=st.integers(0, 60 * 24 * 40).map(lambda minutes: MONDAY + timedelta(minutes=minutes)),
    ),
    max_size=40,
)
days = st.sets(st.integers(0, 60).map(lambda offset: date(2026, 1, 1) + timedelta(days=offset)))


def contact(customer: str, day: float, cell: CellKey = REFUNDS) -> Contact:
    return Contact(cell=cell, customer=customer, occurred_at=MONDAY + timedelta(days=day))


def test_one_customer_writing_twelve_times_in_a_week_counts_once_on_the_first_day() -> None:
    twelve = [contact("ann", hours / 2) for hours in range(12)]
    assert daily_counts(reversed(twelve)) == {REFUNDS: {date(2026, 5, 4): 1}}


def test_a_customer_counts_again_seven_days_after_the_last_time_it_counted() -> None:
    on_days = [contact("ann", day) for day in (0, 4, 7, 13, 15)]
    assert daily_counts(on_days) == {
        REFUNDS: {date(2026, 5, 4): 1, date(2026, 5, 11): 1, date(2026, 5, 19): 1},
    }


def test_customers_and_cells_count_apart() -> None:
    assert counted_customers(
        [contact("ann", 0), contact("bob", 0), contact("ann", 1, DELIVERY), contact("ann", 1)],
    ) == {
        REFUNDS: {date(2026, 5, 4): frozenset({"ann", "bob"})},
        DELIVERY: {date(2026, 5, 5): frozenset({"ann"})},
    }


def test_the_day_is_the_utc_day() -> None:
    late_in_new_york = datetime(2026, 5, 4, 22, 0, tzinfo=timezone(timedelta(hours=-4)))
    assert daily_counts([Contact(cell=REFUNDS, customer="ann", occurred_at=late_in_new_york)]) == {
        REFUNDS: {date(2026, 5, 5): 1},
    }


@given(contacts, st.randoms(use_true_random=False))
def test_the_order_of_contacts_is_irrelevant(given_contacts: list[Contact], random: Random) -> None:
    shuffled = list(given_contacts)
    random.shuffle(shuffled)
    assert counted_customers(shuffled) == counted_customers(given_contacts)


@given(contacts)
def test_no_customer_counts_twice_in_any_seven_days(given_contacts: list[Contact]) -> None:
    for by_day in counted_customers(given_contacts).values():
        for day in by_day:
            week = [customer for offset in range(7) for customer in by_day.get(day + timedelta(days=offset), ())]
            assert len(week) == len(set(week))


@given(contacts)
def test_every_contact_lies_within_seven_days_after_one_that_counts(given_contacts: list[Contact]) -> None:
    counted = counted_customers(given_contacts)
    for one in given_contacts:
        day = one.occurred_at.date()
        assert any(
            one.customer in counted[one.cell].get(day - timedelta(days=offset), frozenset()) for offset in range(7)
        )


def test_rows_cut_off_before_a_gap_of_seven_days_change_nothing_after_it() -> None:
    later = [contact("ann", day) for day in (20, 23, 27)]
    whole = daily_counts([contact("ann", 0), contact("ann", 13), *later])
    assert daily_counts(later) == {REFUNDS: {date(2026, 5, 24): 1, date(2026, 5, 31): 1}}
    assert daily_counts(later)[REFUNDS].items() <= whole[REFUNDS].items()


@given(contacts)
def test_counts_are_the_sizes_of_the_counted_sets(given_contacts: list[Contact]) -> None:
    assert daily_counts(given_contacts) == {
        cell: {day: len(customers) for day, customers in by_day.items()}
        for cell, by_day in counted_customers(given_contacts).items()
    }


@given(days)
def test_merged_ranges_hold_exactly_the_days_and_never_touch(given_days: set[date]) -> None:
    ranges = merged(given_days)
    assert [day for one in ranges for day in one] == sorted(given_days)
    assert all((later.first - earlier.last).days > 1 for earlier, later in pairwise(ranges))


def test_a_range_has_both_its_ends() -> None:
    week = DayRange(first=date(2026, 5, 4), last=date(2026, 5, 10))
    assert (len(week), *(list(week)[end] for end in (0, -1))) == (7, week.first, week.last)
