"""An alert, or a process -> what its negative instances have oftener than others, and how two versions compare."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from service.api.instants import AskedInstant
from service.api.needs import Asker, needs
from service.api.problems import Kind, Problem
from service.api.routes.alerts import AlertId, found
from service.api.routes.instances import ProcessName
from service.api.services import Given
from service.api.shown.causes import CauseShown, VersionsShown, show_cause, show_versions
from service.core.access import Permission
from service.core.cause import (
    Causes,
    Gathered,
    VersionsAsked,
    cases_of,
    causes_of,
    chosen,
    compare_versions,
    compared_of,
)
from service.core.scorecard import LONGEST, PeriodFault, period

router = APIRouter(tags=["processes"])
# Long enough to have seen two versions.
_RECENT = timedelta(days=90)
_NAME = Field(min_length=1, max_length=200)


class VersionsQuery(BaseModel):
    """A version that is not named is the latest other one: that whose first instance began last."""

    model_config = ConfigDict(extra="forbid")

    before: Annotated[Annotated[str, _NAME] | None, Query(examples=["6"])] = None
    after: Annotated[Annotated[str, _NAME] | None, Query(examples=["7"])] = None
    since: Annotated[
        AskedInstant | None,
        Field(alias="from", description="Count instances that began from here on; without it, 90 days before the end."),
    ] = None
    until: Annotated[
        AskedInstant | None,
        Field(alias="to", description="The first instant after these; without it, the end of the present day (UTC)."),
    ] = None


@router.get(
    "/v1/alerts/{alert_id}/cause",
    operation_id="readCause",
    summary="Say what the instances behind an alert have oftener than others",
    description="An association, which nothing here proves to be a cause. Of more than 20,000 instances a sample.",
    dependencies=[needs(Permission.READ)],
)
async def read_cause(alert_id: AlertId, services: Given) -> CauseShown:
    alert, rules = await found(alert_id, services), await services.rules()
    asked = compared_of(alert, rules.playbook.linking.window, rules.renamed)
    # Twenty thousand instances with their steps take seconds and room, for which nobody else should wait.
    with services.rehearsals.taken():
        gathered = await services.desk.gathered(asked)
        causes = await asyncio.to_thread(_causes, gathered)
    return show_cause(alert.alert_id, asked, gathered, causes)


@router.get(
    "/v1/processes/{process}/versions",
    operation_id="compareVersions",
    summary="Compare how often instances of two versions are complained of",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_versions(
    process: ProcessName, query: Annotated[VersionsQuery, Query()], asker: Asker, services: Given
) -> VersionsShown:
    since, until = _period(query.since, query.until, await services.now())
    tallies = await services.desk.versions(VersionsAsked(process=process, since=since, until=until))
    sides = chosen(tallies, query.before, query.after)
    if sides is None:
        raise Problem(Kind.NOT_FOUND, "no two versions of this process began in the period")
    return show_versions(process, since, until, compare_versions(*sides), asker)


def _causes(gathered: Gathered) -> Causes:
    return causes_of(cases_of(gathered), gathered.weight)


def _period(since: datetime | None, until: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    asked = period(since, until, now)
    if not isinstance(asked, PeriodFault) and since is None:
        asked = period(asked.until - _RECENT, asked.until, now)
    if isinstance(asked, PeriodFault):
        raise Problem(
            Kind.BAD_PERIOD,
            "from must lie before to" if asked is PeriodFault.EMPTY else f"at most {LONGEST.days} days at once",
        )
    return asked.since, asked.until
