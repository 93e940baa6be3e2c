"""So many days before now -> the span that is counted over, and what each answer about one says first."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from service.api.services import Services
from service.api.shown import Shown, Utc
from service.core.intervals import Estimate
from service.core.noise import NOISE_DAYS, Span

_LONGEST = 400


class SpanQuery(BaseModel):
    """An unknown name is refused: misspelt, it would give another span than was meant."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[int, Field(ge=1, le=_LONGEST, description="Of so many days before now.")] = NOISE_DAYS


class SpanShown(Shown):
    """Counts of a span of time; `playbook` is the digest of the one they are counted by."""

    since: Annotated[Utc, Field(serialization_alias="from")]
    until: Annotated[Utc, Field(serialization_alias="to")]
    playbook: str


class ShareShown(Shown):
    """A share 0..1 with the ends of its 95 % interval (Wilson)."""

    share: float
    low: float
    high: float


async def asked_span(query: SpanQuery, services: Services) -> Span:
    now = await services.now()
    return Span(since=now - timedelta(days=query.days), until=now)


def show_share(one: Estimate) -> ShareShown:
    return ShareShown(share=round(one.figure, 6), low=round(one.low, 6), high=round(one.high, 6))
