"""What was found -> which of it is only there because of something else that was found.

Each is looked at again among those with and among those without each other one. Refuses to choose between two where
it is not clear that one is left and the other is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.core.cause.exact import lift, surprise
from service.core.cause.features import Flags
from service.core.cause.testing import LEAST_LIFT, Outcomes, tables

# Two levels, so that of two that are nearly as surprising beside one another neither explains the other away.
GONE_ABOVE = 0.05
LEFT_UP_TO = 0.01


class Left(StrEnum):
    """What is left of a finding beside another one."""

    ALL = "all"
    DOUBTFUL = "doubtful"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """By which other one a finding is explained, if it is, and from which it cannot be told apart; by place."""

    explained_by: int | None = None
    not_told_apart: tuple[int, ...] = ()


def told_apart(found: Sequence[Flags], outcomes: Outcomes) -> tuple[Standing, ...]:
    """Return how each finding stands, given the strongest first.

    Beside another one, that is within its strata, nothing is left of a finding if its lift is below 1.5 or its surprise
    above 0.05, and all if its lift is not and its surprise at most 0.01. Where nothing is left of one beside the other
    and all of the other beside the one, it is explained; where all is left of both, both stand; else they are not told
    apart. A ring in which each is explained by the next one tells nothing apart either.
    """
    places = range(len(found))
    left = {(one, by): _left(found[one], found[by], outcomes) for one in places for by in places if one != by}
    explainers = {
        one: [by for by in places if one != by and left[one, by] is Left.NOTHING and left[by, one] is Left.ALL]
        for one in places
    }
    explained: dict[int, int | None] = {one: None for one in places if not explainers[one]}
    while more := {
        one: next(by for by in explainers[one] if by in explained)
        for one in places
        if one not in explained and any(by in explained for by in explainers[one])
    }:
        explained |= more

    def alike(one: int, by: int) -> bool:
        if by in explainers[one] or one in explainers[by]:
            return one not in explained and by not in explained
        return not left[one, by] is left[by, one] is Left.ALL

    return tuple(
        Standing(
            explained_by=explained.get(one),
            not_told_apart=tuple(by for by in places if one != by and alike(one, by)),
        )
        for one in places
    )


def _left(one: Flags, by: Flags, outcomes: Outcomes) -> Left:
    strata = tables(one, outcomes.split(by))
    if lift(strata, outcomes.weight) < LEAST_LIFT:
        return Left.NOTHING
    surprising = surprise(strata)
    if surprising > GONE_ABOVE:
        return Left.NOTHING
    return Left.ALL if surprising <= LEFT_UP_TO else Left.DOUBTFUL
