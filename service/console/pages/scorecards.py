"""What customers' scores come to, by a dimension, with how sure that is and how it moved; and how noisy rules are."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict

from service.api.needs import Asker
from service.api.routes.rules import NoiseQuery, read_rules_noise
from service.api.routes.scorecards import (
    ScorecardShown,
    ScorecardsQuery,
    ScorecardsShown,
    read_closed_loop,
    read_scorecards,
)
from service.api.services import Given, Services
from service.api.shown import show_alert
from service.console.pages.needing import pages
from service.console.rendering import page
from service.console.views.promises import Promises, promises
from service.console.views.scores import tables
from service.core.access import Permission, Principal
from service.core.pipeline.rules import Rules
from service.core.records.words import AlertState
from service.core.scorecard import Dimension, Period, PeriodFault, period
from service.ports import Wanted

router = pages(Permission.LEAD, everywhere=True)
_BEFORE = 5
_MOST_OPEN = 200


class ScoresAsked(BaseModel):
    """What to tell scores apart by, over how many days up to the present one."""

    model_config = ConfigDict(extra="forbid")

    by: Dimension = Dimension.ALL
    days: Literal["7", "28", "91"] = "28"


@router.get("/scorecards")
async def read_scores(
    request: Request, query: Annotated[ScoresAsked, Query()], services: Given, who: Asker
) -> HTMLResponse:
    now = await services.now()
    length = timedelta(days=int(query.days))
    present = period(None, None, now)
    end = now if isinstance(present, PeriodFault) else present.until
    spans = [Period(since=end - (back + 1) * length, until=end - back * length) for back in range(_BEFORE, -1, -1)]
    told = [await _scores(query.by, span, services, who) for span in spans]
    cards = [
        (*each.scorecards, *await _loop(query.by, span, services, who)) for each, span in zip(told, spans, strict=True)
    ]
    noise = await read_rules_noise(NoiseQuery(days=int(query.days)), who, services)
    shown = {
        "asked": query,
        "dimensions": tuple(Dimension),
        "told": told[-1],
        "tables": tables(cards[-1], cards[:-1], _names(query.by, await services.rules())),
        "noise": noise.rules,
        "promises": await _promises(services),
    }
    return page(request, "scorecards.html", shown, now=now)


async def _scores(by: Dimension, span: Period, services: Services, who: Principal) -> ScorecardsShown:
    return await read_scorecards(_asked(by, span), who, services)


async def _loop(by: Dimension, span: Period, services: Services, who: Principal) -> tuple[ScorecardShown, ...]:
    return (await read_closed_loop(_asked(by, span), who, services)).scorecards


def _asked(by: Dimension, span: Period) -> ScorecardsQuery:
    return ScorecardsQuery.model_validate({"by": (by,), "from": span.since.isoformat(), "to": span.until.isoformat()})


def _names(by: Dimension, rules: Rules) -> Mapping[str, str]:
    """Return what the values of a dimension are called; those of a survey tool's making have no other name."""
    match by:
        case Dimension.CATEGORY:
            return rules.labels
        case Dimension.PROCESS:
            return rules.processes
        case Dimension.TEAM:
            return {str(one.id): str(one.name) for one in rules.playbook.teams}
        case _:
            return {}


async def _promises(services: Services) -> list[Promises]:
    """Count for each team what is promised of its open alerts, and what of that is overdue."""
    rules, now = await services.rules(), await services.now()
    found = []
    for team in rules.playbook.teams:
        alerts = await services.desk.queue(Wanted(team=str(team.id), states=(AlertState.OPEN,)), None, _MOST_OPEN)
        found.append(promises(str(team.name), [show_alert(one, rules) for one in alerts], now))
    return [one for one in found if one.promised]
