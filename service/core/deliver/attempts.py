"""What an attempt came to -> when the next one is, or how the delivery ended.

The wait doubles with each attempt and is drawn from nothing to that bound, so that many that failed together do not
come together again (full jitter: Brooker, "Exponential backoff and jitter", 2015). The shell draws `jitter`, 0 to 1.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from service.core.records.deliveries import Attempt, Tries
from service.core.records.words import Attempted, Unsent

FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
MOST_ATTEMPTS = 20
# A receiver that asks for more is asked again after so long all the same.
LONGEST_ASKED = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """How it goes on: again at `due_at`, ended for the reason of `unsent`, or sent where both are None."""

    tries: Tries
    due_at: datetime | None = None
    unsent: Unsent | None = None


def after(attempt: Attempt, before: Tries, now: datetime, *, jitter: float, give_up_after: timedelta) -> Next:
    """Judge one attempt that ended at `now`."""
    first_at = before.first_at or now
    tries = Tries(count=before.count + 1, first_at=first_at, last_at=now, last=attempt.outcome, detail=attempt.detail)
    match attempt.outcome:
        case Attempted.ACCEPTED:
            return Next(tries=tries)
        case Attempted.REFUSED:
            return Next(tries=tries, unsent=Unsent.REFUSED)
        case _ if now - first_at >= give_up_after:
            return Next(tries=tries, unsent=Unsent.TOO_OLD)
        case _ if tries.count >= MOST_ATTEMPTS:
            return Next(tries=tries, unsent=Unsent.TOO_MANY_ATTEMPTS)
        case _:
            asked = min(attempt.retry_after or timedelta(0), LONGEST_ASKED)
            return Next(tries=tries, due_at=now + max(asked, backoff(tries.count, jitter)))


def backoff(count: int, jitter: float) -> timedelta:
    """Return how long to wait after `count` attempts in vain."""
    longest: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - 1, 20))
    return longest * jitter


def asked_wait(header: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After, which is seconds or a date; None where it is neither."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), 86_400))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(timedelta(0), at - now) if at.tzinfo is not None else None


def outcome_of_status(status: int) -> Attempted:
    """Say what an HTTP status means for the one who sent; what is moved elsewhere is refused as well."""
    match status:
        case _ if 200 <= status < 300:  # noqa: PLR2004 - the classes of RFC 9110
            return Attempted.ACCEPTED
        case 429:
            return Attempted.THROTTLED
        case 408 | 425:
            return Attempted.FAILED
        case _ if status >= 500:  # noqa: PLR2004 - as above
            return Attempted.FAILED
        case _:
            return Attempted.REFUSED
