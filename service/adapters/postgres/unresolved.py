"""Customers and what was loaded of them -> the rest of their cases, where these may be enough to put one at risk.

Most customers have no case, or one; for them an index alone is asked.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from service.adapters.postgres.documents import CONTRIBUTIONS
from service.adapters.postgres.session import Session
from service.core.records.facts import Facts, Needs

# Load the latest contributions of each customer that are negative and not done, outside its span, if they are enough.
_UNRESOLVED = """
SELECT c.doc
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::integer[]) AS wanted (customer, low, high, missing)
CROSS JOIN LATERAL (
  SELECT count(*) AS others FROM contribution
  WHERE customer = wanted.customer AND unresolved AND (began_at < wanted.low OR began_at > wanted.high)
) AS counted
CROSS JOIN LATERAL (
  SELECT doc FROM contribution
  WHERE counted.others >= wanted.missing
    AND customer = wanted.customer AND unresolved AND (began_at < wanted.low OR began_at > wanted.high)
  ORDER BY began_at DESC, source DESC, subject DESC, part DESC LIMIT $5
) AS c
"""


async def load_unresolved(
    session: Session, facts: Facts, wanted: Needs, spans: Mapping[str, tuple[datetime, datetime]]
) -> None:
    """Load what lies outside the spans; each subject at hand may be one case more of its customer, or one less."""
    if not spans:
        return
    at_hand: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for name, customers in wanted.named.items():
        for customer in customers:
            at_hand[customer].add(name)
    for one in facts.contributions.values():
        at_hand[one.feedback.customer].add((one.key.source, one.key.subject))
    names = sorted(spans)
    lows, highs = [spans[name][0] for name in names], [spans[name][1] for name in names]
    missing = [wanted.enough - len(at_hand[name]) for name in names]
    rows = await session.fetch(_UNRESOLVED, names, lows, highs, missing, wanted.unresolved)
    found = (CONTRIBUTIONS.read(row["doc"]) for row in rows)
    facts.load_contributions({one.key: one for one in found})
