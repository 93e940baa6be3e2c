"""What people do to an alert: who has it in hand for now, until when it is put aside, and each thing that was done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.core.records.words import Deed


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That somebody works on an alert; it ends by itself at `until`."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """That somebody has put an alert aside; it comes back at `until`."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing that a person did to an alert; `number` orders those of an alert, 0 before it is stored.

    `text` is what they wrote, redacted. `said` has what else they named by short words: a team, a time, a disposition,
    whose claim they passed over.
    """

    alert_id: str
    at: datetime
    deed: Deed
    by: str
    text: str | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    number: int = 0
