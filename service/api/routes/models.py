"""Trained models: stored by their digests, if they can be opened; a playbook says which is in force."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given, Services, media_type
from service.api.shown import Shown, Utc
from service.core.access import Permission
from service.ports import MOST_BYTES, ModelFault, StoredModel

router = APIRouter(tags=["playbook"])
_BINARY = "application/octet-stream"


class ModelShown(Shown):
    """A model less its bytes; `active` says that the active playbook names it."""

    digest: str
    name: str
    size: int
    stored_at: Utc
    active: bool


class ModelsShown(Shown):
    """The one that was stored last first."""

    models: tuple[ModelShown, ...]


class ModelReportShown(ModelShown):
    """`report` is what its training wrote down."""

    report: Mapping[str, Any]


class KeptShown(ModelShown):
    """`new` says whether it was not there before."""

    new: bool


class NameQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")] = "model"


@router.put(
    "/v1/models",
    operation_id="storeModel",
    summary="Store a trained model",
    description="The body is the model's file. It is opened before it is stored; the same file again changes nothing.",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {_BINARY: {"schema": {"type": "string", "format": "binary", "maxLength": MOST_BYTES}}},
        }
    },
    dependencies=[needs(Permission.OPERATE, everywhere=True)],
)
async def store_model(request: Request, query: Annotated[NameQuery, Query()], services: Given) -> KeptShown:
    if media_type(request.headers) != _BINARY:
        raise Problem(Kind.WRONG_MEDIA_TYPE, f"send {_BINARY}")
    try:
        model, new = await services.keep_model(query.name, await request.body(), services.doer())
    except ModelFault as fault:
        raise Problem(Kind.INVALID_MODEL, str(fault)) from None
    return KeptShown(**_shown(model, await _active(services)), new=new)


@router.get(
    "/v1/models",
    operation_id="listModels",
    summary="List the trained models that are stored",
    dependencies=[needs(Permission.READ)],
)
async def list_models(services: Given) -> ModelsShown:
    active = await _active(services)
    return ModelsShown(models=tuple(ModelShown(**_shown(one, active)) for one in await services.models.models()))


@router.get(
    "/v1/models/{digest}",
    operation_id="readModel",
    summary="Read the report of a trained model",
    dependencies=[needs(Permission.READ)],
)
async def read_model(digest: Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")], services: Given) -> ModelReportShown:
    model = await services.models.model(digest)
    if model is None:
        raise Problem(Kind.NOT_FOUND, "no model of this digest is stored")
    return ModelReportShown(**_shown(model, await _active(services)), report=model.report)


async def _active(services: Services) -> str | None:
    classifier = (await services.rules()).classifier
    return None if classifier is None else classifier.digest


def _shown(model: StoredModel, active: str | None) -> dict[str, Any]:
    return {
        "digest": model.digest,
        "name": model.name,
        "size": model.size,
        "stored_at": model.stored_at,
        "active": model.digest == active,
    }
