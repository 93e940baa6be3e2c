"""What the ladder made of feedback that began in a span, and what people made of it -> how often each step was wrong.

What was said of a feedback counts if it holds at present: what was taken back, or is of a text that has changed since,
does not. Nothing is concluded: what to change in the playbook is for a person to decide.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from service.core.intervals import Estimate, share
from service.core.records.decisions import Contribution
from service.core.records.renamed import Renamed, current
from service.core.records.words import CategoryMethod

MOST_CONFUSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledTally:
    """How many feedbacks a step of the ladder filed alike, and what a person `meant`; None where nobody has said."""

    category: str
    method: CategoryMethod
    meant: str | None
    feedbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordTally:
    """In how many feedbacks a keyword spoke for the category that it filed, `refiled` of them to another since."""

    category: str
    keyword: str
    feedbacks: int
    refiled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filings:
    """All that is counted of one span, in any order."""

    tallies: tuple[FiledTally, ...]
    keywords: tuple[KeywordTally, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How many were meant to be of another category."""

    meant: str
    feedbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFiled:
    """Of so many `feedbacks` that a step filed under a category, the share `refiled`, and where most of them went."""

    category: str
    method: CategoryMethod
    feedbacks: int
    refiled: int
    share: Estimate
    confusions: tuple[Confusion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordFiled:
    """The share of those that a keyword spoke for which people have refiled."""

    category: str
    keyword: str
    feedbacks: int
    refiled: int
    share: Estimate


def count_filings(contributions: Iterable[Contribution], since: datetime, until: datetime) -> Filings:
    """Count what began from `since` on and before `until`; a remark that has a person's word of its state is left out.

    It was filed by nobody who read it.
    """
    tallies: Counter[tuple[str, CategoryMethod, str | None]] = Counter()
    keywords: Counter[tuple[str, str, bool]] = Counter()
    for one in contributions:
        if not since <= one.began_at < until or (one.refiled is not None and one.refiled.part != one.key.part):
            continue
        ladder = one.categorised if one.refiled is None else one.refiled.categorised
        meant = None if one.refiled is None else one.categorised.category
        tallies[ladder.category, ladder.method, meant] += 1
        if ladder.method is CategoryMethod.KEYWORD:
            for keyword in ladder.matched:
                keywords[ladder.category, keyword, meant not in (None, ladder.category)] += 1
    return Filings(
        tallies=tuple(
            FiledTally(category=category, method=method, meant=meant, feedbacks=count)
            for (category, method, meant), count in tallies.items()
        ),
        keywords=tuple(
            KeywordTally(
                category=category,
                keyword=keyword,
                feedbacks=keywords[category, keyword, False] + keywords[category, keyword, True],
                refiled=keywords[category, keyword, True],
            )
            for category, keyword in {(category, keyword) for category, keyword, _ in keywords}
        ),
    )


def filed_by_category(filings: Filings, renamed: Renamed) -> tuple[CategoryFiled, ...]:
    """Say of each category, by its present id, and step how often it was wrong, those with the most refiled first."""
    groups: dict[tuple[str, CategoryMethod], list[FiledTally]] = {}
    for one in filings.tallies:
        now = replace(one, meant=None if one.meant is None else current(one.meant, renamed))
        groups.setdefault((current(one.category, renamed), one.method), []).append(now)
    found = [_of_category(category, method, group) for (category, method), group in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.refiled, -one.feedbacks, one.category, one.method)))


def filed_by_keyword(filings: Filings, renamed: Renamed) -> tuple[KeywordFiled, ...]:
    """Say of each keyword how often what it spoke for was refiled, those with the most refiled first."""
    feedbacks: Counter[tuple[str, str]] = Counter()
    refiled: Counter[tuple[str, str]] = Counter()
    for one in filings.keywords:
        name = (current(one.category, renamed), one.keyword)
        feedbacks[name] += one.feedbacks
        refiled[name] += one.refiled
    found = [
        KeywordFiled(
            category=category,
            keyword=keyword,
            feedbacks=count,
            refiled=refiled[category, keyword],
            share=share(refiled[category, keyword], count),
        )
        for (category, keyword), count in feedbacks.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.refiled, one.feedbacks, one.category, one.keyword)))


def _of_category(category: str, method: CategoryMethod, group: Iterable[FiledTally]) -> CategoryFiled:
    feedbacks, elsewhere = 0, Counter[str]()
    for one in group:
        feedbacks += one.feedbacks
        if one.meant is not None and one.meant != category:
            elsewhere[one.meant] += one.feedbacks
    most = sorted(elsewhere.items(), key=lambda item: (-item[1], item[0]))[:MOST_CONFUSIONS]
    return CategoryFiled(
        category=category,
        method=method,
        feedbacks=feedbacks,
        refiled=elsewhere.total(),
        share=share(elsewhere.total(), feedbacks),
        confusions=tuple(Confusion(meant=meant, feedbacks=count) for meant, count in most),
    )
