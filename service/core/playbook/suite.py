"""The playbook's own test-suite: events on a clock, and what the queue must hold after them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from service.core.playbook.fields import Duration, Label, Part


class Given(Part):
    """One event: a CloudEvent, or a raw payload of `source`."""

    at: datetime | None = None
    source: str | None = None
    event: dict[str, Any]


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
    """Events in, verdicts, alerts and notices out."""

    name: Label
    events: tuple[Given, ...] = Field(min_length=1, max_length=1000)
    run_for: Duration | None = None
    verdicts: tuple[str, ...] | None = None
    alerts: tuple[Expected, ...] | None = None
    notices: tuple[ExpectedNotice, ...] | None = None
