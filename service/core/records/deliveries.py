"""A message on its way to a channel outside, what became of it, and how the channel does."""

from datetime import datetime, timedelta

from msgspec import Struct, field

from service.core.records.words import Attempted, BreakerState, DeliveryState, Tiding, Unsent


class Delivery(Struct, frozen=True, kw_only=True):
    """One message for one channel.

    `delivery_id` is the idempotency key and the channel. `thread` is what it is about: the id of an alert, a digest or
    a test; what is about the same leaves in order. `payload` is the CloudEvent of the queue as JSON, redacted as that
    is; None once nothing is left to do. `ending` says that it only says something to who heard of it before.
    """

    delivery_id: str
    key: str
    channel: str
    team: str
    tiding: Tiding
    thread: str
    revision: int
    payload: str | None
    not_before: datetime
    ending: bool = False


class Tries(Struct, frozen=True, kw_only=True):
    """How often it was tried to send something in vain, since when, and what the last attempt came to."""

    count: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    last: Attempted | None = None
    detail: str | None = None


class Waiting(Struct, frozen=True, kw_only=True):
    """A delivery that has not ended; `place` is its rank among all."""

    place: int
    delivery: Delivery
    tries: Tries = Tries()


class Listed(Struct, frozen=True, kw_only=True):
    """A delivery as it is shown: how it stands, when it is due again, when it ended, and why if it was not sent."""

    place: int
    delivery: Delivery
    tries: Tries
    state: DeliveryState
    due_at: datetime
    ended_at: datetime | None = None
    unsent: Unsent | None = None


class Known(Struct, frozen=True, kw_only=True):
    """What a channel was told of a thread last: the revision, and by what the message is found there, if at all."""

    revision: int
    handle: str | None = None


class Attempt(Struct, frozen=True, kw_only=True):
    """What one attempt came to. `detail` is a code of the other end, never a text; `handle` is what was made there."""

    outcome: Attempted
    detail: str | None = None
    retry_after: timedelta | None = None
    handle: str | None = None


class Breaker(Struct, frozen=True, kw_only=True):
    """After `failures` in a row a channel is left alone `until` then; `opened` counts how often that was in vain.

    `probing_until` is until when somebody else tries whether it answers again.
    """

    failures: int = 0
    opened: int = 0
    until: datetime | None = None
    probing_until: datetime | None = None

    def state(self, now: datetime) -> BreakerState:
        if self.until is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if now < self.until else BreakerState.HALF_OPEN


class Bucket(Struct, frozen=True, kw_only=True):
    """How many messages may go at once, as of `at`; it fills again at the channel's rate."""

    tokens: float
    at: datetime


class ChannelState(Struct, frozen=True, kw_only=True):
    """How a channel does, over all that send by it. It asked to be left alone until `quiet_until`."""

    channel: str
    breaker: Breaker = field(default_factory=Breaker)
    bucket: Bucket | None = None
    quiet_until: datetime | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    failure: Attempted | None = None
    detail: str | None = None
