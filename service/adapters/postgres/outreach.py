"""Alerts whose contributors are to be told of them, and these contributors, a page at a time."""

from collections.abc import Sequence

from service.adapters.postgres.session import Session
from service.core.outreach import Contributor

# Name the first alerts of which somebody is to be told.
_UNTOLD = "SELECT alert_key, alert_id FROM alert WHERE untold ORDER BY alert_key, alert_id LIMIT $1"

# Name the subjects that count in an alert, each by its state where that counts; tokens of the erased name nobody.
_CONTRIBUTORS = """
SELECT DISTINCT ON (m.source, m.subject) m.source, m.subject, m.event_id, coalesce(c.by_staff, false) AS by_staff
FROM member m LEFT JOIN contribution c ON c.source = m.source AND c.subject = m.subject AND c.part = m.part
WHERE m.alert_id = $1 AND (m.source, m.subject) > ($2, $3) AND NOT m.copy AND m.subject NOT LIKE 'erased:%'
ORDER BY m.source, m.subject, m.part LIMIT $4
"""


async def untold(session: Session, limit: int) -> Sequence[tuple[str, str]]:
    """Name (alert key, alert id) of the first alerts of which somebody may have to be told."""
    return [(row["alert_key"], row["alert_id"]) for row in await session.fetch(_UNTOLD, limit)]


async def contributors(
    session: Session, alert_id: str, after: tuple[str, str] | None, limit: int
) -> Sequence[Contributor]:
    rows = await session.fetch(_CONTRIBUTORS, alert_id, *(after or ("", "")), limit)
    return [Contributor(**row) for row in rows]
