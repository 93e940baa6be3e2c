"""The playbook: the active one, those before it, and a new one, which is checked whole before anything changes."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema

from service.api.cursors import PageQuery
from service.api.needs import needs
from service.api.problems import Kind, Problem, faults
from service.api.services import Given, media_type
from service.api.shown import Shown, Utc
from service.core.access import Permission

router = APIRouter(tags=["playbook"])
_MOST_FAULTS = 500
_MOST_FILES = 100
_FILE = r"^[A-Za-z0-9._/-]{1,200}$"
_YAML = frozenset({"application/yaml", "application/x-yaml", "text/yaml"})


class PlaybookShown(Shown):
    """A playbook's files by name, as their authors wrote them."""

    digest: str
    documents: dict[str, str]


class WarningShown(Shown):
    """What should be looked at in a playbook that has no fault, and where it is."""

    file: str
    line: int
    column: int
    path: str
    message: str


class ActivatedShown(Shown):
    """What is active now; `changed` says whether it was so before."""

    digest: str
    name: str
    changed: bool
    warnings: tuple[WarningShown, ...] = ()


class ShelvedShown(Shown):
    digest: str
    name: str
    activated_at: Utc
    active: bool


class HistoryShown(Shown):
    """The latest activation first."""

    playbooks: tuple[ShelvedShown, ...]


class PlaybookBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    documents: Annotated[
        dict[Annotated[str, StringConstraints(pattern=_FILE)], str],
        Field(min_length=1, max_length=_MOST_FILES),
        # What pydantic writes of names with a pattern lets every other name pass.
        WithJsonSchema(
            {
                "type": "object",
                "propertyNames": {"pattern": _FILE},
                "additionalProperties": {"type": "string"},
                "minProperties": 1,
                "maxProperties": _MOST_FILES,
            }
        ),
    ]


@router.get(
    "/v1/playbook",
    operation_id="readPlaybook",
    summary="Read the active playbook",
    responses={404: {}},
    dependencies=[needs(Permission.READ)],
)
async def read_playbook(services: Given) -> PlaybookShown:
    found = await services.shelf.active()
    if found is None:
        raise Problem(Kind.NOT_FOUND, "no playbook is active")
    return PlaybookShown(digest=found[0], documents=dict(found[1]))


@router.get(
    "/v1/playbook/history",
    operation_id="listPlaybooks",
    summary="List the playbooks that were active",
    dependencies=[needs(Permission.READ)],
)
async def list_playbooks(query: Annotated[PageQuery, Query()], services: Given) -> HistoryShown:
    return HistoryShown(
        playbooks=tuple(
            ShelvedShown(digest=one.digest, name=one.name, activated_at=one.activated_at, active=one.active)
            for one in await services.desk.playbooks(query.limit)
        )
    )


@router.get(
    "/v1/playbook/{digest}",
    operation_id="readPlaybookOf",
    summary="Read a playbook by its digest",
    dependencies=[needs(Permission.READ)],
)
async def read_playbook_of(digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], services: Given) -> PlaybookShown:
    documents = await services.shelf.documents(digest)
    if documents is None:
        raise Problem(Kind.NOT_FOUND, "no playbook of this digest was ever active")
    return PlaybookShown(digest=digest, documents=dict(documents))


@router.put(
    "/v1/playbook",
    operation_id="activatePlaybook",
    summary="Check a playbook, and make it the active one if it has no fault",
    description="The body is JSON with the files by name, or one file as YAML. `errors` has every fault.",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": PlaybookBody.model_json_schema(),
                    "example": {"documents": {"playbook.yaml": "version: 1\nname: Retail\n"}},
                },
                "application/yaml": {"schema": {"type": "string"}},
            },
        }
    },
    dependencies=[needs(Permission.OPERATE, everywhere=True)],
)
async def activate_playbook(request: Request, services: Given) -> ActivatedShown:
    documents = await _documents(request)
    checked = await services.check(documents)
    if checked.rules is None:
        faults = checked.faults
        raise Problem(
            Kind.INVALID_PLAYBOOK,
            f"{len(faults)} fault{'' if len(faults) == 1 else 's'}",
            {"errors": [dict(fault) for fault in faults[:_MOST_FAULTS]]},
        )
    before = await services.shelf.active()
    name, digest = str(checked.rules.playbook.name), checked.rules.digest
    await services.shelf.activate(digest, name, documents, datetime.now(UTC), services.doer())
    return ActivatedShown(
        digest=digest,
        name=name,
        changed=before is None or before[0] != digest,
        warnings=tuple(WarningShown.model_validate(one) for one in checked.warnings[:_MOST_FAULTS]),
    )


async def _documents(request: Request) -> dict[str, str]:
    kind = media_type(request.headers)
    body = await request.body()
    if kind in _YAML:
        try:
            return {"playbook.yaml": body.decode()}
        except UnicodeDecodeError:
            raise Problem(Kind.UNREADABLE, "the body is not UTF-8") from None
    if kind != "application/json":
        raise Problem(Kind.WRONG_MEDIA_TYPE, "send application/json or application/yaml")
    try:
        return PlaybookBody.model_validate_json(body).documents
    except ValidationError as error:
        count, told = faults(error.errors(include_input=False, include_url=False, include_context=False), ("body",))
        raise Problem(Kind.INVALID, count, {"errors": told}) from None
