"""What was found -> which of it is only there because of something else that was found.

Each is looked at again among those with and among those without each other one. Refuses to choose between two that
explain one another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.core.cause.exact import lift, surprise
from service.core.cause.features import Flags
from service.core.cause.testing import LEAST_LIFT, Outcomes, tables

# Above this chance nothing is left of a feature beside another one. Each is held against up to 24 others, so that one
# in twenty would leave something standing too often.
VANISHES_ABOVE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """By which other one a finding is explained, if it is, and from which it cannot be told apart; by place."""

    explained_by: int | None = None
    not_told_apart: tuple[int, ...] = ()


def told_apart(found: Sequence[Flags], outcomes: Outcomes) -> tuple[Standing, ...]:
    """Return how each finding stands, given the strongest first.

    One vanishes beside another if, within strata of the other, its surprise is above 0.01 or its lift below 1.5. If
    only one of two vanishes it is explained by the other; if both do, they are not told apart. A ring in which each
    is explained by the next one tells nothing apart either.
    """
    places = range(len(found))
    gone = {(one, by): one != by and _vanishes(found[one], found[by], outcomes) for one in places for by in places}
    explainers = {one: [by for by in places if gone[one, by] and not gone[by, one]] for one in places}
    explained: dict[int, int | None] = {one: None for one in places if not explainers[one]}
    while more := {
        one: next(by for by in explainers[one] if by in explained)
        for one in places
        if one not in explained and any(by in explained for by in explainers[one])
    }:
        explained |= more
    return tuple(
        Standing(
            explained_by=explained.get(one),
            not_told_apart=tuple(
                by
                for by in places
                if (gone[one, by] and gone[by, one])
                or (one not in explained and by not in explained and (by in explainers[one] or one in explainers[by]))
            ),
        )
        for one in places
    )


def _vanishes(one: Flags, by: Flags, outcomes: Outcomes) -> bool:
    strata = tables(one, outcomes.split(by))
    return lift(strata, outcomes.weight) < LEAST_LIFT or surprise(strata) > VANISHES_ABOVE
