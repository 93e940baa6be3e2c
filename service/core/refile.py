"""A contribution and what a person says that it is about -> the contribution by that, or by the ladder again.

What a person says of a text holds for as long as the text is the same, whatever else changes of its subject; another
text is for the ladder to read anew. Nothing is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from service.core.records.decisions import EXCERPT, Contribution, Refiled
from service.core.records.feedback import Categorised, FeedbackRead
from service.core.records.words import UNMAPPED, CategoryMethod, Change


def said_by_person(meant: Sequence[str]) -> Categorised:
    """Write down what a person says; none of the categories is `unmapped`, and as sure as any of them."""
    return Categorised(
        category=meant[0] if meant else UNMAPPED,
        confidence=1.0,
        method=CategoryMethod.PERSON,
        categories=tuple(meant),
    )


def by_person(one: Contribution, said: Categorised, part: str) -> Contribution:
    """File a contribution as a person says, and keep what the ladder makes of it."""
    ladder = by_ladder(one)
    kept = Refiled(categorised=ladder.categorised, began_as=ladder.began_as, part=part)
    return replace(one, categorised=beside(said, ladder.categorised), began_as=said.category, refiled=kept)


def beside(said: Categorised, ladder: Categorised) -> Categorised:
    """Leave the other axes as the ladder has them: a person said what went wrong, not where, nor what came of it."""
    return replace(said, stage=ladder.stage, outcome=ladder.outcome)


def by_ladder(one: Contribution) -> Contribution:
    """File a contribution as the ladder alone does."""
    if one.refiled is None:
        return one
    return replace(one, categorised=one.refiled.categorised, began_as=one.refiled.began_as, refiled=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What a person said, and of which part of the subject."""

    categorised: Categorised
    part: str


def carried(named: FeedbackRead, said: FeedbackRead, state: Contribution | None) -> Filed | None:
    """Return what a person said of a subject's state if that holds of a change of the subject too.

    `named` is the change as it came, `said` the same with what it leaves out. A state is filed by it while its text is
    the one that the person has read, of which the excerpt is kept; a remark is if it names no category itself.
    """
    if state is None or state.refiled is None:
        return None
    if said.feedback.change is Change.REMARK:
        holds = not named.categorised.categories
    else:
        holds = said.feedback.text[:EXCERPT] == state.feedback.text
    return Filed(categorised=state.categorised, part=state.refiled.part) if holds else None
