"""A session and the present -> whether it still stands."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.core.access import Denial

LASTS = timedelta(hours=12)
IDLE = timedelta(hours=1)
# So often at most is it noted that a session is in use.
NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who signed in. What they may do is looked up with each request: by `key_id`, or by the groups of a person.

    `digest` is the sha256 of what the cookie holds, `csrf` what only our own pages can send along.
    """

    digest: str = field(repr=False)
    name: str
    subject: str
    key_id: str | None
    groups: tuple[str, ...]
    csrf: str = field(repr=False)
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


def ended(session: Session, now: datetime) -> Denial | None:
    """Say that a session is over: it was ended, is twelve hours old, or nobody used it for an hour."""
    over = session.ended_at is not None or now - session.created_at >= LASTS or now - session.seen_at >= IDLE
    return Denial.SESSION_ENDED if over else None
