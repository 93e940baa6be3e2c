"""One process instance -> what is kept of its life, and the feedback that is linked to it."""

from typing import Annotated

from fastapi import APIRouter, Path

from service.api.needs import needs
from service.api.problems import Kind, Problem
from service.api.services import Given
from service.api.shown.instances import InstanceKnownShown, show_known
from service.core.access import Permission

router = APIRouter(tags=["processes"])
MOST_STEPS = 1_000
MOST_LINKED = 100
# As a process event writes them, so that nothing is looked for that no event could have named.
_NAME = r"^[^\x00-\x1f\x7f-\x9f]+$"
ProcessName = Annotated[str, Path(max_length=200, pattern=_NAME, examples=["shipping"])]
InstanceId = Annotated[
    str,
    Path(max_length=200, pattern=_NAME, description="The engine's own id; its slashes may be %2F.", examples=["i-9"]),
]


@router.get(
    "/v1/processes/{process}/instances/{instance_id:path}",
    operation_id="readInstance",
    summary="Read the life of a process instance, and the feedback about it",
    description=f"The latest {MOST_STEPS:,} steps and {MOST_LINKED} feedbacks at most, with how many there are in all.",
    dependencies=[needs(Permission.READ, verbatims=True)],
)
async def read_instance(process: ProcessName, instance_id: InstanceId, services: Given) -> InstanceKnownShown:
    known = await services.desk.instance(instance_id, steps=MOST_STEPS, linked=MOST_LINKED)
    if known is None or known.instance.process != process:
        raise Problem(Kind.NOT_FOUND, "no such instance of this process")
    return show_known(known)
