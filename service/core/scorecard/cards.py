"""Tallies of scores and of closed cases -> one scorecard for each value and figure, and the line that is told of it.

Refuses to put a number to fewer answers or cases than the floor: they say little, and may say it of people who can be
guessed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from service.core.intervals import Estimate
from service.core.scale import on_scale
from service.core.scorecard.cohorts import CaseTally
from service.core.scorecard.counting import Dimension, Tally
from service.core.scorecard.loop import LoopTally, loop_figures
from service.core.scorecard.measures import DEFINITIONS, Measure, first_contact_resolution

# Moving a score onto another scale may miss a bound, such as 7 of 10, by the last bits of a number.
_DIGITS = 9
_TOLD_DIGITS = 6


class Unsaid(StrEnum):
    """Why there is no figure."""

    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One figure of one value of a dimension; `n` answers or closed cases are behind it.

    `value` None is of what names none. `censored` counts the cases of which it is too early to tell, None of a figure
    of answers.
    """

    by: Dimension
    value: str | None
    measure: Measure
    n: int
    said: Estimate | Unsaid
    censored: int | None = None


def scorecards(
    by: Dimension, tallies: Iterable[Tally], floor: int, closed: Iterable[CaseTally] = ()
) -> tuple[Scorecard, ...]:
    """Make every figure for which there is an answer or a closed case; `floor`, at least 1, is the fewest for one.

    They are in the order of the values, None last, then of the figures.
    """
    found: defaultdict[str | None, defaultdict[str, Counter[float]]] = defaultdict(lambda: defaultdict(Counter))
    for tally in tallies:
        found[tally.value][tally.score.kind][round(on_scale(tally.score), _DIGITS)] += tally.count
    cases = {one.value: one for one in closed}
    cards = []
    for value in sorted({*found, *cases}, key=lambda value: (value is None, value or "")):
        for measure, definition in DEFINITIONS.items():
            answers = found[value].get(definition.kind)
            if answers:
                n = answers.total()
                said = definition.estimate(answers) if n >= floor else Unsaid.INSUFFICIENT
                cards.append(Scorecard(by=by, value=value, measure=measure, n=n, said=said))
        if value in cases:
            cards.append(_of_cases(by, cases[value], floor))
    return tuple(cards)


def _of_cases(by: Dimension, tally: CaseTally, floor: int) -> Scorecard:
    enough = tally.closed >= floor
    return Scorecard(
        by=by,
        value=tally.value,
        measure=Measure.FCR,
        n=tally.closed,
        said=first_contact_resolution(tally.closed, tally.returned) if enough else Unsaid.INSUFFICIENT,
        censored=tally.censored,
    )


def loop_scorecards(by: Dimension, tallies: Iterable[LoopTally], floor: int) -> tuple[Scorecard, ...]:
    """Make the figures of the closed loop behind which there is anything, in the order of the tallies."""
    return tuple(
        Scorecard(by=by, value=tally.value, measure=measure, n=n, said=said() if n >= floor else Unsaid.INSUFFICIENT)
        for tally in tallies
        for measure, (n, said) in loop_figures(tally).items()
        if n
    )


def scorecard_line(card: Scorecard) -> dict[str, Any]:
    """Build the line of `scorecards.jsonl`; without a figure nothing else is said of it but counts."""
    line: dict[str, Any] = {
        "by": card.by.value,
        "value": card.value,
        "metric": card.measure.value,
        "n": card.n,
        "censored": card.censored,
    }
    if isinstance(card.said, Unsaid):
        return {**line, "figure": card.said.value, "standard_error": None, "low": None, "high": None}
    said, error = card.said, card.said.standard_error
    return {
        **line,
        "figure": round(said.figure, _TOLD_DIGITS),
        "standard_error": None if error is None else round(error, _TOLD_DIGITS),
        "low": round(said.low, _TOLD_DIGITS),
        "high": round(said.high, _TOLD_DIGITS),
    }
