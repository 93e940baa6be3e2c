"""What a request may say of a silence: of one to be made or previewed, and of its end."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.asked import RevisionSeen, TeamReads
from service.core.contracts.values import Instant
from service.core.records.words import Severity

_Field = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,200}$")]
_Value = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{0,200}$")]
_Values = _Value | Annotated[list[_Value], Field(min_length=1, max_length=50)]


class SilenceBody(BaseModel):
    """A silence. It holds back alerts that have one of the values in each field, and says when it ends.

    Either `ends_at` or `duration` (as in the playbook: 90m, 4h, 7d) must be given.
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {"matchers": {"team": "drivers", "category": ["delivery"]}, "reason": "Snow.", "duration": "4h"}
            ]
        },
    )

    matchers: Annotated[
        dict[_Field, _Values],
        Field(min_length=1, max_length=20, json_schema_extra={"additionalProperties": False}),
    ]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]{1,500}$")]
    by: TeamReads = "api"
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    duration: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}[smhd]$")] | None = None
    including_critical: bool = False
    growth: Annotated[float, Field(ge=1, le=100, strict=False)] = 3.0
    breaks_at: Annotated[Severity, Field(strict=False)] | None = None


class LiftBody(BaseModel):
    """`revision` is that of the silence as it was seen, `by` a name that the team will read."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"revision": 1, "by": "ana"}]}
    )

    revision: RevisionSeen
    by: TeamReads = "api"


class ExtendBody(LiftBody):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"revision": 1, "by": "ana", "ends_at": "2026-05-05T09:00:00Z"}]}
    )

    ends_at: Instant
