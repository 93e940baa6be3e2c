"""A period and dimensions -> what customers' scores and closed cases come to: the figures of CX operations."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from service.api.instants import AskedInstant
from service.api.needs import Asker, needs
from service.api.problems import Kind, Problem
from service.api.services import Given
from service.api.shown import Shown, Utc
from service.core.access import Permission, Principal
from service.core.scorecard import (
    LONGEST,
    Cohort,
    Dimension,
    Looped,
    Measure,
    Period,
    PeriodFault,
    Sample,
    Unsaid,
    loop_scorecards,
    period,
    scorecard_line,
    scorecards,
)

router = APIRouter(tags=["scorecards"])
# A line is about two hundred bytes, and a value has up to eight. So many different scores are held while they are
# counted: five times what a hundred values need that have every whole point of the usual scales.
MOST_VALUES = 100
MOST_TALLIES = 20_000
_WHY = {
    PeriodFault.EMPTY: "from must lie before to",
    PeriodFault.TOO_LONG: f"at most {LONGEST.days} days are answered for at once",
}
_EXAMPLE: JsonDict = {
    "by": "process",
    "value": "delivery",
    "metric": "csat",
    "n": 107,
    "censored": None,
    "figure": 0.691589,
    "standard_error": None,
    "low": 0.598715,
    "high": 0.771183,
}


class ScorecardShown(Shown):
    """One figure of one value of a dimension, as in `scorecards.jsonl`.

    `n` answers or closed cases are behind it; of `censored` further cases it is too early to tell. NPS is -100..100, a
    share 0..1, a mean on its scale; `low` and `high` are the ends of its 95 % interval. `value` None is of what names
    none. Below the floor the figure is `insufficient`. Of fewer than five nothing more is said to who may not read
    that (`hidden`).
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    by: Dimension
    value: str | None
    metric: Measure
    n: int | None
    censored: int | None
    figure: float | Literal[Unsaid.INSUFFICIENT]
    standard_error: float | None
    low: float | None
    high: float | None
    hidden: bool = False


class ScorecardsShown(Shown):
    """`floor` is the least number of answers or cases for a figure; `left_off` counts the values that had no room here.

    A customer who turns to us within `recontact_days` of the end of a case has come back. `cases_left_off` counts the
    values whose closed cases had no room.
    """

    since: Annotated[Utc, Field(serialization_alias="from")]
    until: Annotated[Utc, Field(serialization_alias="to")]
    floor: int
    recontact_days: int
    playbook: str
    scorecards: tuple[ScorecardShown, ...]
    left_off: dict[Dimension, int]
    cases_left_off: dict[Dimension, int]


class LoopShown(Shown):
    """As the scorecards, of what was done about negative feedback; a wait is in seconds."""

    since: Annotated[Utc, Field(serialization_alias="from")]
    until: Annotated[Utc, Field(serialization_alias="to")]
    floor: int
    playbook: str
    scorecards: tuple[ScorecardShown, ...]
    left_off: dict[Dimension, int]


class ScorecardsQuery(BaseModel):
    """An unknown name is refused: misspelt, it would give another period than was meant."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[
        tuple[Dimension, ...],
        Field(
            max_length=len(Dimension),
            description="What to tell the scores apart by; may be given several times.",
            examples=[["process"]],
        ),
    ] = (Dimension.ALL,)
    since: Annotated[
        AskedInstant | None,
        Field(
            alias="from",
            description="The first instant of the period; without it, 28 days before its end.",
            examples=["2026-04-07T00:00:00Z"],
        ),
    ] = None
    until: Annotated[
        AskedInstant | None,
        Field(
            alias="to",
            description="The first instant after the period; without it, the end of the present day (UTC).",
            examples=["2026-05-05T00:00:00Z"],
        ),
    ] = None


@router.get(
    "/v1/scorecards",
    operation_id="readScorecards",
    summary="Read what customers' scores come to",
    description="Of the answers that hold at present, by when their subject began, and of the cases that were closed. "
    "At most 400 days, and of each dimension the 100 values with the most answers, and the 100 with the most cases.",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_scorecards(query: Annotated[ScorecardsQuery, Query()], asker: Asker, services: Given) -> ScorecardsShown:
    now = await services.now()
    asked = _period(query.since, query.until, now)
    rules = await services.rules()
    metrics = rules.playbook.metrics
    shown: list[ScorecardShown] = []
    left_off: dict[Dimension, int] = {}
    cases_left_off: dict[Dimension, int] = {}
    for by in dict.fromkeys(query.by):
        sample = Sample(by=by, period=asked, values=MOST_VALUES, tallies=MOST_TALLIES, renamed=rules.renamed)
        tallied = await services.desk.scores(sample)
        cohort = Cohort(
            by=by,
            period=asked,
            days=metrics.recontact_days,
            known_until=now,
            values=MOST_VALUES,
            renamed=rules.renamed,
        )
        closed = await services.desk.cases(cohort)
        cards = scorecards(by, tallied.tallies, metrics.floor, closed.tallies)
        shown += [_shown(scorecard_line(card), asker) for card in cards]
        left_off[by], cases_left_off[by] = tallied.left_off, closed.left_off
    return ScorecardsShown(
        since=asked.since,
        until=asked.until,
        floor=metrics.floor,
        recontact_days=metrics.recontact_days,
        playbook=rules.digest,
        scorecards=tuple(shown),
        left_off=left_off,
        cases_left_off=cases_left_off,
    )


def _shown(line: dict[str, Any], asker: Principal) -> ScorecardShown:
    if not asker.hides(line["n"]):
        return ScorecardShown(**line)
    figures = dict.fromkeys(("n", "censored", "standard_error", "low", "high"))
    return ScorecardShown(**{**line, **figures, "figure": Unsaid.INSUFFICIENT}, hidden=True)


@router.get(
    "/v1/scorecards/closed-loop",
    operation_id="readClosedLoop",
    summary="Read how much negative feedback was acted on, how soon, and who was won back",
    description="Of negative feedback that holds at present and began in the period, by what the audit tells of its "
    "alerts. At most 400 days, and of each dimension the 100 values with the most negative feedback.",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_closed_loop(query: Annotated[ScorecardsQuery, Query()], asker: Asker, services: Given) -> LoopShown:
    asked, rules = _period(query.since, query.until, await services.now()), await services.rules()
    floor = rules.playbook.metrics.floor
    shown: list[ScorecardShown] = []
    left_off: dict[Dimension, int] = {}
    for by in dict.fromkeys(query.by):
        looped = await services.desk.loop(Looped(by=by, period=asked, values=MOST_VALUES, renamed=rules.renamed))
        shown += [_shown(scorecard_line(card), asker) for card in loop_scorecards(by, looped.tallies, floor)]
        left_off[by] = looped.left_off
    return LoopShown(
        since=asked.since,
        until=asked.until,
        floor=floor,
        playbook=rules.digest,
        scorecards=tuple(shown),
        left_off=left_off,
    )


def _period(since: datetime | None, until: datetime | None, now: datetime) -> Period:
    found = period(since, until, now)
    if isinstance(found, PeriodFault):
        raise Problem(Kind.BAD_PERIOD, _WHY[found])
    return found
