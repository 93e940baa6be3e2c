"""A span of days -> what no step could name, and what is tagged: counted where the rows are."""

from service.adapters.postgres.documents import CONTRIBUTIONS
from service.adapters.postgres.session import Session
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.words import UNMAPPED
from service.core.taxonomy import MOST_READ, Coverage, Uncovered, is_over
from service.core.volume import DayRange

# Count by source what has a category, and what has words and none; a document is read of the latter alone.
_HEARD = """
SELECT source, count(*) FILTER (WHERE category <> $3) AS named,
  count(*) FILTER (WHERE category = $3 AND doc #>> '{feedback,text}' <> '') AS unnamed
FROM contribution WHERE day BETWEEN $1 AND $2 AND part = '' GROUP BY source
"""

# Read the latest texts without a category of some sources.
_TEXTS = """
SELECT wanted.source, c.doc FROM unnest($4::text[]) AS wanted (source) CROSS JOIN LATERAL (
  SELECT doc, began_at, subject FROM contribution
  WHERE source = wanted.source AND day BETWEEN $1 AND $2 AND part = '' AND category = $3
    AND doc #>> '{feedback,text}' <> ''
  ORDER BY began_at DESC, subject DESC LIMIT $5
) AS c ORDER BY wanted.source, c.began_at DESC, c.subject DESC
"""

# Read the latest subjects that bear a tag.
_TAGGED = """
SELECT doc FROM contribution WHERE day BETWEEN $1 AND $2 AND part = '' AND tagged
ORDER BY began_at DESC, source DESC, subject DESC LIMIT $3
"""


async def uncovered(session: Session, span: DayRange, asked: TaxonomyReview) -> Uncovered:
    days = (span.first, span.last)
    heard = {
        row["source"]: Coverage(named=row["named"], unnamed=row["unnamed"])
        for row in await session.fetch(_HEARD, *days, UNMAPPED)
        if row["named"] or row["unnamed"]
    }
    over = sorted(source for source, one in heard.items() if is_over(one, asked).calls)
    rows = await session.fetch(_TEXTS, *days, UNMAPPED, over, MOST_READ) if over else []
    tagged = await session.fetch(_TAGGED, *days, MOST_READ) if asked.tags else []
    return Uncovered(
        heard=heard,
        texts={source: [CONTRIBUTIONS.read(row["doc"]) for row in rows if row["source"] == source] for source in over},
        tagged=[CONTRIBUTIONS.read(row["doc"]) for row in tagged],
    )
