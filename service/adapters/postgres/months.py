"""Days of receipt -> a partition of `feedback` for this month and the next, made before anything needs it.

It hardly ever stands in a writer's way: the partition gets its indexes apart and is only then attached. A lock that
does not come at once is asked for another time. Until then rows fall into the default partition, and stay there: a
month of which it holds a row is not made any more.
"""

from collections.abc import Collection
from contextlib import suppress
from datetime import date

from service.adapters.postgres.faults import UnexpectedRefusalError
from service.adapters.postgres.session import Session
from service.ports import OutcomeUnknownError, OutOfReachError

# Find which of this month and the next, by the database's clock, has no partition and can still get one.
_MISSING = """
SELECT first::date AS first, (first + interval '1 month')::date AS after
FROM generate_series(date_trunc('month', now()), now() + interval '1 month', interval '1 month') AS first
WHERE to_regclass(to_char(first, '"feedback_y"YYYY"m"MM')) IS NULL AND NOT EXISTS (
  SELECT FROM feedback_default WHERE received_at >= first AND received_at < first + interval '1 month')
ORDER BY first
"""


class Months:
    """Remembers for which months of receipt the next one was made sure of."""

    def __init__(self) -> None:
        self._sure: set[date] = set()

    async def keep_ahead(self, session: Session, received: Collection[date] | None = None) -> None:
        """Make what is missing when a month is seen for the first time; without days, look in any case."""
        seen = {day.replace(day=1) for day in received or ()}
        if received is not None and seen <= self._sure:
            return
        with suppress(OutOfReachError):
            await make_months(session)
            self._sure |= seen


async def make_months(session: Session) -> None:
    """Make the partitions of this month and the next, each in a short transaction of its own.

    Raises:
        OutOfReachError: the database does not answer.
    """
    for row in await session.fetch(_MISSING):
        # Another process may be at the same, or a writer in the way: neither is worth waiting for.
        with suppress(UnexpectedRefusalError, OutOfReachError, OutcomeUnknownError):
            await _make(session, row["first"], row["after"])


async def _make(session: Session, first: date, after: date) -> None:
    # Statements of this kind take no arguments; what is put into them are dates of the database's own making.
    name, low, high = f"feedback_y{first:%Y}m{first:%m}", f"'{first} 00:00+00'", f"'{after} 00:00+00'"
    await session.begin()
    try:
        await session.execute("SET LOCAL lock_timeout = '200ms'")
        await session.execute("SET LOCAL statement_timeout = '2s'")
        await session.execute(f"CREATE TABLE {name} (LIKE feedback INCLUDING ALL) WITH (toast_tuple_target = 8160)")
        await session.execute(f"ALTER TABLE feedback ATTACH PARTITION {name} FOR VALUES FROM ({low}) TO ({high})")
    except (UnexpectedRefusalError, OutOfReachError):
        await session.execute("ROLLBACK")
        raise
    await session.commit()
