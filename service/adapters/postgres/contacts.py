"""Customers and subjects that are locked -> what the former have said around now, and memberships of the latter.

Hardly anybody says more than `MOST_NEAR` things within weeks. What such a customer said is loaded around each hour in
which something is said of it now, and not for weeks before and after.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from service.adapters.postgres.documents import CONTRIBUTIONS
from service.adapters.postgres.reading import read_member
from service.adapters.postgres.session import Session
from service.adapters.postgres.writing import in_order
from service.core.persons import Span
from service.core.records.contacts import MOST_NEAR
from service.core.records.decisions import Contribution
from service.core.records.facts import Facts

_AT_ONCE = timedelta(hours=1)

# Load the contributions of customers, each within its span, of none more than so many, whichever they are; and the
# memberships of subjects.
_HELD = """
SELECT wanted.customer AS owner, c.doc AS held, (NULL::member).*
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS wanted (customer, low, high)
CROSS JOIN LATERAL (
  SELECT doc FROM contribution
  WHERE customer = wanted.customer AND began_at BETWEEN wanted.low AND wanted.high LIMIT $6
) AS c
UNION ALL
SELECT NULL, NULL, m.* FROM unnest($4::text[], $5::text[]) AS named (source, subject)
JOIN member m ON m.source = named.source AND m.subject = named.subject
"""

# Load the contributions of customers around spans, so many before and after each at most.
_NEAREST = """
SELECT c.doc AS held
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS wanted (customer, low, high)
CROSS JOIN LATERAL (
  (SELECT doc FROM contribution
   WHERE customer = wanted.customer AND began_at < wanted.low AND began_at >= wanted.low - $4::interval
   ORDER BY began_at DESC, source DESC, subject DESC, part DESC LIMIT $5)
  UNION ALL
  (SELECT doc FROM contribution
   WHERE customer = wanted.customer AND began_at BETWEEN wanted.low AND wanted.high)
  UNION ALL
  (SELECT doc FROM contribution
   WHERE customer = wanted.customer AND began_at > wanted.high AND began_at <= wanted.high + $4::interval
   ORDER BY began_at, source, subject, part LIMIT $5)
) AS c
"""


async def load_contacts(
    session: Session,
    facts: Facts,
    instants: Mapping[str, Collection[datetime]],
    reach: timedelta,
    subjects: Collection[tuple[str, str]],
    stored: Mapping[str, Contribution],
) -> tuple[Mapping[str, Span], Mapping[str, Contribution]]:
    """Load what customers said around these instants, and the memberships of the subjects.

    `stored` has contributions by the text that they were read from before their customers were locked. Return the spans
    in which customers were looked for, and what was found by its text.
    """
    spans = {name: (min(times) - reach, max(times) + reach) for name, times in instants.items()}
    lows, highs = [low for low, _ in spans.values()], [high for _, high in spans.values()]
    named = [[name[at] for name in subjects] for at in range(2)]
    rows = await session.fetch(_HELD, list(spans), lows, highs, *named, MOST_NEAR + 1)
    loaded = Counter(row["owner"] for row in rows)
    crowds = {name: times for name, times in instants.items() if loaded[name] > MOST_NEAR}
    held = [row["held"] for row in rows if row["owner"] is not None and row["owner"] not in crowds]
    if crowds:
        around = [(name, *hour) for name, times in crowds.items() for hour in _hours(times)]
        columns = [[row[at] for row in around] for at in range(3)]
        held += [row["held"] for row in await session.fetch(_NEAREST, *columns, reach, MOST_NEAR)]
    # Where what was stored has been assessed again before its customer was locked, its text differs.
    found = {text: stored.get(text) or CONTRIBUTIONS.read(text) for text in dict.fromkeys(held)}
    facts.load_contributions({one.key: one for one in found.values()})
    members = [read_member(row) for row in rows if row["owner"] is None]
    facts.load_members(sorted(members, key=lambda one: (*in_order(one.key), one.alert_id)), subjects)
    return spans, found


def _hours(times: Iterable[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Put instants that are close to one another into one span."""
    begun: list[datetime] = []
    for at in sorted(times):
        if begun and at - begun[-1] > _AT_ONCE:
            yield begun[0], begun[-1]
            begun = []
        begun.append(at)
    if begun:
        yield begun[0], begun[-1]
