"""The rows in memory -> what no step could name, and what is tagged, in a span of days."""

from collections import Counter, defaultdict

from service.adapters.memory.rows import Rows
from service.core.playbook.taxonomy import TaxonomyReview
from service.core.records.decisions import Contribution
from service.core.records.words import UNMAPPED, Flag
from service.core.taxonomy import MOST_READ, Coverage, Uncovered, is_over
from service.core.volume import DayRange


def uncovered(rows: Rows, span: DayRange, asked: TaxonomyReview) -> Uncovered:
    seen = [one for one in rows.contributions.values() if not one.key.part and span.first <= one.day <= span.last]
    seen.sort(key=lambda one: (one.began_at, one.key), reverse=True)
    named = Counter(one.key.source for one in seen if one.categorised.category != UNMAPPED)
    texts: defaultdict[str, list[Contribution]] = defaultdict(list)
    for one in seen:
        if one.categorised.category == UNMAPPED and one.feedback.text:
            texts[one.key.source].append(one)
    heard = {source: Coverage(named=named[source], unnamed=len(texts.get(source, ()))) for source in {*named, *texts}}
    return Uncovered(
        heard=heard,
        texts={source: found[:MOST_READ] for source, found in texts.items() if is_over(heard[source], asked).calls},
        tagged=[one for one in seen if Flag.FRONTLINE_TAG in one.feedback.flags][:MOST_READ] if asked.tags else [],
    )
