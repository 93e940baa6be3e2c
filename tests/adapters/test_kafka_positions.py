"""Where reading goes on, for every way in which a lease and a log can fit."""

import pytest

from service.adapters.kafka.positions import Standing, Start, start_of


@pytest.mark.parametrize(
    ("next_offset", "first", "end", "start"),
    [
        (None, 0, 0, Start(standing=Standing.NEW, offset=0)),
        (None, 40, 90, Start(standing=Standing.NEW, offset=40)),
        (50, 40, 90, Start(standing=Standing.WITHIN, offset=50)),
        (40, 40, 90, Start(standing=Standing.WITHIN, offset=40)),
        (90, 40, 90, Start(standing=Standing.WITHIN, offset=90)),
        (30, 40, 90, Start(standing=Standing.LOG_CUT, offset=40, skipped=10)),
        (91, 40, 90, Start(standing=Standing.PAST_END, offset=91)),
        (91, 40, None, Start(standing=Standing.WITHIN, offset=91)),
    ],
)
def test_a_lease_and_a_log_say_where_to_read_on(
    next_offset: int | None, first: int, end: int | None, start: Start
) -> None:
    assert start_of(next_offset, first, end) == start
