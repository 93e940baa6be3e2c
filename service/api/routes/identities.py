"""Identities: whose references are one customer's and why, and taking a join apart or putting it together again.

Refused is to split what does not belong to the other, and to lift a split that does not stand.
"""

from typing import Annotated

from fastapi import APIRouter, Path
from msgspec.structs import replace
from pydantic import BaseModel, ConfigDict, StringConstraints

from service.api.asked import SentAsJson, TeamReads
from service.api.identified import IdentityShown, SplitShown, show_identity, show_split
from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services
from service.core.access import Permission
from service.core.persons import Persons
from service.core.pipeline.parting import Parting, PartingOutcome
from service.core.records.identities import IdentityRule

router = APIRouter(tags=["identities"])
_NAME = r"^[^\x00-\x1f\x7f-\x9f/]{1,200}$"
Pseudonym = Annotated[str, Path(pattern=_NAME, examples=["k1:0f3c2a9b8d7e6f5a4b3c2d1e0f9a8b7c"])]
_PROBLEMS = {
    PartingOutcome.NOT_ASKED_FOR: (Kind.NOT_FOUND, "the playbook joins no references (identity)"),
    PartingOutcome.NOT_JOINED: (Kind.NOT_JOINED, "it belongs to no person by that reference"),
    PartingOutcome.NOT_SPLIT: (Kind.NOT_FOUND, "no such split stands"),
}


class LiftSplitBody(BaseModel):
    """`by` is a name that others will read."""

    model_config = ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [{"by": "ana"}]})

    by: TeamReads = "api"


class SplitBody(LiftSplitBody):
    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "ana", "reason": "A family's mailbox."}]})

    reason: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]


@router.get(
    "/v1/identities/{ref}",
    operation_id="readIdentity",
    summary="Read whose references are one customer's",
    dependencies=[needs(Permission.READ, everywhere=True)],
)
async def read_identity(ref: Pseudonym, services: Given) -> IdentityShown:
    rule = await _rule(services)
    heard = await services.desk.hearsay({ref}, rule)
    if not heard.evidence:
        raise Problem(Kind.NOT_FOUND, "it was named together with no other reference")
    # What stands beside the person may belong to others, who are known only once they are asked for.
    named = {one.ref for said in heard.evidence for one in said.pair}
    heard = await services.desk.hearsay(named, rule)
    return show_identity(ref, Persons(rule, heard.evidence, heard.splits), heard)


@router.post(
    "/v1/identities/{ref}/joins/{other}/split",
    operation_id="splitIdentity",
    summary="Say that a reference does not belong to another; feedback that waits is linked anew",
    dependencies=[needs(Permission.LEAD, everywhere=True), SentAsJson],
)
async def split_identity(ref: Pseudonym, other: Pseudonym, body: SplitBody, services: Given) -> SplitShown:
    return await _part(Parting(ref=ref, other=other, by=body.by, reason=body.reason), services)


@router.post(
    "/v1/identities/{ref}/joins/{other}/lift",
    operation_id="liftSplit",
    summary="Take a split back; feedback that waits is linked anew",
    dependencies=[needs(Permission.LEAD, everywhere=True), SentAsJson],
)
async def lift_split(ref: Pseudonym, other: Pseudonym, body: LiftSplitBody, services: Given) -> SplitShown:
    return await _part(Parting(ref=ref, other=other, by=body.by, reason=None), services)


async def _rule(services: Services) -> IdentityRule:
    rule = (await services.rules()).identity
    if rule is None:
        raise Problem(*_PROBLEMS[PartingOutcome.NOT_ASKED_FOR])
    return rule


async def _part(asked: Parting, services: Services) -> SplitShown:
    parted = await services.part(replace(asked, doer=services.doer(asked.by)))
    if parted.split is None:
        raise Problem(*_PROBLEMS[parted.outcome])
    return show_split(parted.split)
