"""What one process instance is to the search for causes: whether it was complained of, and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One time that one activity was done; `ended_at` is None where nobody said so."""

    activity: str
    team: str | None
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One instance; `visits` are in the order in which they began.

    Of an instance that was complained of before its end, `visits` holds what had begun by then, and `whole` is false:
    what was done after a complaint, maybe because of it, explains nothing, and a path that was cut is no variant.
    """

    instance_id: str
    negative: bool
    outage: bool = False
    version: str | None = None
    tier: str | None = None
    region: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    whole: bool = True
