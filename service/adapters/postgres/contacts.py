"""Customers and subjects that are locked -> the contributions around what is said of them now, and their memberships.

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

# Load the contributions of customers, each within its span, and the memberships of their subjects and of those named;
# of no customer more than so many, whichever they are.
_HELD = """
WITH found AS MATERIALIZED (
  SELECT c.source, c.subject, wanted.customer, c.doc
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS wanted (customer, low, high)
  CROSS JOIN LATERAL (
    SELECT source, subject, doc FROM contribution
    WHERE customer = wanted.customer AND began_at BETWEEN wanted.low AND wanted.high LIMIT $6
  ) AS c
), named AS (
  SELECT source, subject FROM found UNION SELECT * FROM unnest($4::text[], $5::text[])
)
SELECT found.customer AS owner, found.doc AS held, (NULL::member).* FROM found
UNION ALL
SELECT NULL, NULL, m.* FROM named JOIN member m ON m.source = named.source AND m.subject = named.subject
"""

# Load the contributions of customers around spans, so many before and after each at most, and their memberships.
_NEAREST = """
WITH found AS MATERIALIZED (
  SELECT c.source, c.subject, c.doc
  FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) AS wanted (customer, low, high)
  CROSS JOIN LATERAL (
    (SELECT source, subject, doc FROM contribution
     WHERE customer = wanted.customer AND began_at < wanted.low AND began_at >= wanted.low - $4::interval
     ORDER BY began_at DESC, source DESC, subject DESC, part DESC LIMIT $5)
    UNION ALL
    (SELECT source, subject, doc FROM contribution
     WHERE customer = wanted.customer AND began_at BETWEEN wanted.low AND wanted.high)
    UNION ALL
    (SELECT source, subject, doc FROM contribution
     WHERE customer = wanted.customer AND began_at > wanted.high AND began_at <= wanted.high + $4::interval
     ORDER BY began_at, source, subject, part LIMIT $5)
  ) AS c
)
SELECT found.doc AS held, (NULL::member).* FROM found
UNION ALL
SELECT NULL, m.* FROM (SELECT DISTINCT source, subject FROM found) AS named
JOIN member m ON m.source = named.source AND m.subject = named.subject
"""


async def load_contacts(
    session: Session,
    facts: Facts,
    instants: Mapping[str, Collection[datetime]],
    reach: timedelta,
    subjects: Collection[tuple[str, str]],
    stored: Mapping[str, Contribution],
) -> tuple[Mapping[str, Span], Mapping[str, Contribution]]:
    """Load what customers said around these instants, and the memberships of it and of the subjects.

    `stored` has contributions by the text that they were read from before their customers were locked. Return the spans
    in which customers were looked for, and what was found by its text.
    """
    spans = {name: (min(times) - reach, max(times) + reach) for name, times in instants.items()}
    lows, highs = [low for low, _ in spans.values()], [high for _, high in spans.values()]
    named = [[name[at] for name in subjects] for at in range(2)]
    rows = await session.fetch(_HELD, list(spans), lows, highs, *named, MOST_NEAR + 1)
    loaded = Counter(row["owner"] for row in rows)
    crowds = {name: times for name, times in instants.items() if loaded[name] > MOST_NEAR}
    if crowds:
        around = [(name, *hour) for name, times in crowds.items() for hour in _hours(times)]
        columns = [[row[at] for row in around] for at in range(3)]
        rows = [row for row in rows if row["owner"] not in crowds]
        rows += await session.fetch(_NEAREST, *columns, reach, MOST_NEAR)
    # Where what was stored has been assessed again before its customer was locked, its text differs.
    texts = dict.fromkeys(row["held"] for row in rows if row["held"] is not None)
    found = {text: stored.get(text) or CONTRIBUTIONS.read(text) for text in texts}
    facts.load_contributions({one.key: one for one in found.values()})
    members = {(one.key, one.alert_id): one for one in (read_member(row) for row in rows if row["held"] is None)}
    if crowds:
        # Some are of what the first look has found of a crowd.
        near = {(key.source, key.subject) for key in facts.contributions} | set(subjects)
        members = {at: one for at, one in members.items() if (one.key.source, one.key.subject) in near}
    facts.load_members(sorted(members.values(), key=lambda one: (*in_order(one.key), one.alert_id)))
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
