"""How a channel does, and the time -> how many messages may go now; what an attempt came to -> how it does then.

A breaker opens after failures in a row, so that a channel that is away costs nobody anything; it lets one message
through now and then, to see. A bucket of tokens holds the channel's rate over all processes that send by it.
"""

from datetime import datetime, timedelta

from msgspec.structs import replace

from service.core.deliver.attempts import LONGEST_ASKED
from service.core.records.deliveries import Attempt, Breaker, Bucket, ChannelState
from service.core.records.words import Attempted, BreakerState

FAILURES = 5
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
# So much of a minute's rate may go at once.
_BURST = 6
_ANSWERED = (Attempted.ACCEPTED, Attempted.REFUSED)


def admit(
    state: ChannelState, wanted: int, now: datetime, *, per_minute: int, lease: timedelta
) -> tuple[int, ChannelState]:
    """Say how many of those that are wanted may be sent, and how the channel stands with these taken."""
    if wanted < 1 or (state.quiet_until is not None and now < state.quiet_until):
        return 0, state
    breaker = state.breaker
    match breaker.state(now):
        case BreakerState.OPEN:
            return 0, state
        case BreakerState.HALF_OPEN:
            if breaker.probing_until is not None and now < breaker.probing_until:
                return 0, state
            wanted, breaker = 1, replace(breaker, probing_until=now + lease)
        case BreakerState.CLOSED:
            pass
    bucket = _filled(state.bucket, now, per_minute)
    granted = min(wanted, int(bucket.tokens))
    if granted == 0:
        return 0, state
    bucket = replace(bucket, tokens=bucket.tokens - granted)
    return granted, replace(state, breaker=breaker, bucket=bucket)


def heard(state: ChannelState, attempt: Attempt, now: datetime, *, jitter: float) -> ChannelState:
    """Note what an attempt came to. A refusal is an answer: the channel is there, and the message was at fault."""
    if attempt.outcome is Attempted.ACCEPTED:
        return replace(state, breaker=Breaker(), quiet_until=None, sent_at=now)
    failed = replace(state, failed_at=now, failure=attempt.outcome, detail=attempt.detail)
    if attempt.outcome in _ANSWERED:
        return replace(failed, breaker=Breaker())
    if attempt.outcome is Attempted.THROTTLED:
        asked = min(attempt.retry_after or timedelta(0), LONGEST_ASKED)
        return replace(failed, quiet_until=now + asked, breaker=replace(state.breaker, probing_until=None))
    return replace(failed, breaker=_after_failure(state.breaker, now, jitter))


def _after_failure(breaker: Breaker, now: datetime, jitter: float) -> Breaker:
    failures = breaker.failures + 1
    match breaker.state(now):
        case BreakerState.CLOSED if failures < FAILURES:
            return replace(breaker, failures=failures)
        case BreakerState.OPEN:
            # What was on its way when the breaker opened says nothing new.
            return replace(breaker, failures=failures)
        case _:
            rest = min(LONGEST_REST, FIRST_REST * 2 ** min(breaker.opened, 20))
            until = now + rest * (0.5 + jitter / 2)
            return Breaker(failures=failures, opened=breaker.opened + 1, until=until)


def _filled(bucket: Bucket | None, now: datetime, per_minute: int) -> Bucket:
    size = max(1.0, per_minute / _BURST)
    if bucket is None:
        return Bucket(tokens=size, at=now)
    passed = max(0.0, (now - bucket.at).total_seconds())
    return Bucket(tokens=min(size, bucket.tokens + passed * per_minute / 60), at=max(now, bucket.at))
