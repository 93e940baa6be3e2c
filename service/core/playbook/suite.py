"""The playbook's own test-suite: events on a clock, silences, and what the queue must hold after them."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from service.core.playbook.attention import AlertMatcher
from service.core.playbook.fields import Duration, Label, Part
from service.core.records.words import Severity


class Given(Part):
    """One event: a CloudEvent, or a raw payload of `source`."""

    at: datetime | None = None
    source: str | None = None
    event: dict[str, Any]


class GivenSilence(Part):
    """One silence that is there from a time until another, unless it breaks.

    `baseline` are the customers of the day before it, of which it hides no more than `growth` times as many.
    """

    matchers: AlertMatcher
    from_: Annotated[datetime, Field(alias="from")]
    until: datetime
    reason: Label = "-"
    including_critical: bool = False
    growth: Annotated[float, Field(ge=1, le=100)] = 3.0
    breaks_at: Severity | None = Severity.CRITICAL
    baseline: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class Expected(Part):
    """What one alert must look like; a field left out is not looked at."""

    team: str
    kind: str | None = None
    category: str | None = None
    severity: str | None = None
    state: str | None = None
    level: str | None = None
    events: int | None = None
    customers: int | None = None


class ExpectedNotice(Part):
    """One notice that must have been sent."""

    team: str
    reason: str
    severity: str | None = None
    at: datetime | None = None


class Case(Part):
    """Events and silences in, verdicts, alerts and notices out."""

    name: Label
    events: tuple[Given, ...] = Field(min_length=1, max_length=1000)
    silences: tuple[GivenSilence, ...] = Field(default=(), max_length=100)
    run_for: Duration | None = None
    verdicts: tuple[str, ...] | None = None
    alerts: tuple[Expected, ...] | None = None
    notices: tuple[ExpectedNotice, ...] | None = None
