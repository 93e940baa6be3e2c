"""What people do to an alert: who has it in hand for now, until when it is put aside, and each thing that was done."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from service.core.records.words import Deed


class Claim(Struct, frozen=True, kw_only=True):
    """That somebody works on an alert; it ends by itself at `until`."""

    by: str
    at: datetime
    until: datetime


class Snooze(Struct, frozen=True, kw_only=True):
    """That somebody has put an alert aside; it comes back at `until`."""

    by: str
    at: datetime
    until: datetime


class Act(Struct, frozen=True, kw_only=True):
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
