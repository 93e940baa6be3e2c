"""What a request may say of an act on an alert: who asks, under which key, having seen what, and what goes with it.

Refused is what breaks its contract, and what names a team or an alert that is not there.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from service.api.problems import Kind, Problem
from service.api.services import Services, media_type
from service.core.access import Principal
from service.core.records.words import Disposition


def _sent_as_json(request: Request) -> None:
    if media_type(request.headers) != "application/json":
        raise Problem(Kind.WRONG_MEDIA_TYPE, "send application/json")


def _who(request: Request) -> str | None:
    principal: Principal | None = getattr(request.state, "principal", None)
    # Who shares a token with others says who they are themselves.
    return None if principal is None or principal.is_shared else principal.name


SentAsJson = Depends(_sent_as_json)
# Who is known to ask; their name goes before the one that a body gives.
Who = Annotated[str | None, Depends(_who)]
IdempotencyKey = Annotated[
    str | None,
    Header(
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Names this request: within 24 h, a repetition gets the first one's answer and does nothing.",
    ),
]


def _whole(given: object) -> object:
    """Take 7.0 for 7, as JSON Schema does, and as programs write it whose numbers are all floats."""
    return int(given) if isinstance(given, float) and given.is_integer() else given


RevisionSeen = Annotated[int, Field(ge=0, le=2**31 - 1), BeforeValidator(_whole)]
TeamReads = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,100}$")]


class SignedBody(BaseModel):
    """`by` is a name that the team will read, where nobody is signed in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    by: TeamReads = "api"


class ActBody(SignedBody):
    """`revision` is that of the last notice seen. With `force` somebody else's claim is no obstacle."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana"}]})

    revision: RevisionSeen
    force: bool = False


class NoteBody(SignedBody):
    """`text` is read by the team, redacted. Whoever gives a `revision` wants it refused if there is news since."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"by": "ana", "text": "Called back at noon."}]})

    text: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,2000}$")]
    revision: RevisionSeen | None = None


class ResolveBody(ActBody):
    """`disposition` says what the alert turned out to be: it counts towards the noise of the rule that raised it.

    A duplicate may name the alert that it repeats, what was another team's that team.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "disposition": "noise"}]})

    disposition: Annotated[Disposition | None, Field(strict=False)] = None
    duplicate_of: Annotated[UUID | None, Field(strict=False)] = None
    team: Annotated[str, Field(max_length=63)] | None = None


class StepBody(ActBody):
    """`text` is read by the team; what looks like a name to reach somebody by is redacted."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "text": "New carrier."}]})

    text: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]


class OtherTeamBody(ActBody):
    """`team` is one of the playbook's. `reason` is kept with the alert, redacted as the text of a review is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"revision": 1, "by": "ana", "team": "payments"}]})

    team: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
    reason: (
        Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]
        | None
    ) = None


class SnoozeBody(ActBody):
    """`until` is when the alert comes back: a time to come, no further away than a silence may last."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"revision": 1, "by": "ana", "until": "2026-05-04T09:00:00Z"}]}
    )

    until: Annotated[AwareDatetime, Field(strict=False)]


async def allowed(alert_id: UUID, body: ActBody | NoteBody, services: Services) -> None:
    """Refuse a body that names what the playbook, or the store, does not have."""
    if isinstance(body, ResolveBody):
        await _named(alert_id, body, services)
    elif isinstance(body, OtherTeamBody):
        await _known(body.team, services)


async def _known(team: str, services: Services) -> None:
    rules = await services.rules()
    if all(team != str(one.id) for one in rules.playbook.teams):
        raise Problem(Kind.UNKNOWN_TEAM, "/body/team names none of the active playbook's")


async def _named(alert_id: UUID, body: ResolveBody, services: Services) -> None:
    """Refuse a disposition that names what does not go with it, what is not there, or the alert itself."""
    if body.duplicate_of is not None:
        if body.disposition is not Disposition.DUPLICATE:
            raise Problem(Kind.BAD_DISPOSITION, "duplicate_of goes with the disposition duplicate")
        if body.duplicate_of == alert_id or await services.desk.alert(str(body.duplicate_of)) is None:
            raise Problem(Kind.BAD_DISPOSITION, "duplicate_of: no other alert has this id")
    if body.team is not None:
        if body.disposition is not Disposition.WRONG_TEAM:
            raise Problem(Kind.BAD_DISPOSITION, "team goes with the disposition wrong_team")
        if body.team not in {team.id for team in (await services.rules()).playbook.teams}:
            raise Problem(Kind.BAD_DISPOSITION, "team: the playbook has no such team")
