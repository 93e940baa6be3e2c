"""What the platform asks: is it alive, is it ready, and the figures of Prometheus."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service import __version__
from service.api.services import Given, Services
from service.api.shown import Shown
from service.ports import Fault

router = APIRouter(tags=["platform"])


class AliveShown(Shown):
    """`stuck` names what a restart would mend."""

    alive: bool
    stuck: tuple[str, ...]


class FaultShown(Shown):
    """What is amiss that all replicas share."""

    fault: Fault
    detail: str


class ClassifierShown(Shown):
    """The digest of the classifier in force, and the parts of it that are not installed here."""

    model: str
    missing: tuple[str, ...]


class ReadyShown(Shown):
    """`reasons` say why not; `relay_guarantee` is transactional or at_least_once.

    A service that is ready and has `faults` is degraded: it takes requests, and somebody should look.
    """

    ready: bool
    status: Literal["ready", "degraded", "not_ready"]
    reasons: tuple[str, ...]
    faults: tuple[FaultShown, ...]
    relay_guarantee: str
    version: str
    classifier: ClassifierShown | None


@router.get(
    "/livez",
    operation_id="readLiveness",
    summary="Say whether a restart would help",
    responses={503: {"model": AliveShown}},
)
async def livez(services: Given, response: Response) -> AliveShown:
    stuck = await services.pulse.stuck()
    response.status_code = 503 if stuck else 200
    return AliveShown(alive=not stuck, stuck=stuck)


@router.get(
    "/readyz",
    operation_id="readReadiness",
    summary="Say whether to send requests here",
    responses={503: {"model": ReadyShown}},
)
async def readyz(services: Given, response: Response) -> ReadyShown:
    reasons, found = await services.pulse.unready(), services.pulse.degraded()
    response.status_code = 503 if reasons else 200
    return ReadyShown(
        ready=not reasons,
        status="not_ready" if reasons else "degraded" if found else "ready",
        reasons=reasons,
        faults=tuple(FaultShown(fault=one.fault, detail=one.detail) for one in found),
        relay_guarantee=services.relay_guarantee,
        version=__version__,
        classifier=_classifier(services),
    )


def _classifier(services: Services) -> ClassifierShown | None:
    found = services.in_force()
    return None if found is None else ClassifierShown(model=found[0], missing=found[1])


@router.get(
    "/metrics",
    operation_id="readMetrics",
    summary="Read the figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(services: Given) -> Response:
    return Response(await services.figures(), media_type=CONTENT_TYPE_LATEST)
