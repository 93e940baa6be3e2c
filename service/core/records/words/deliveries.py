"""How a message gets to a channel outside, how it stands, and why it is not there."""

from service.core.records.words.word import Word


class ChannelKind(Word):
    """What speaks at the other end."""

    WEBHOOK = "webhook"
    SLACK = "slack"
    MSTEAMS = "msteams"
    EMAIL = "email"
    PAGERDUTY = "pagerduty"
    APPRISE = "apprise"

    @property
    def folds(self) -> bool:
        """Whether only the present state of an alert is worth telling there, so that older news need not be sent."""
        return self in (ChannelKind.SLACK, ChannelKind.MSTEAMS, ChannelKind.PAGERDUTY)


class Tiding(Word):
    """What a delivery tells: one alert, several, that somebody has taken it, that it is another team's, or nothing."""

    NOTICE = "notice"
    DIGEST = "digest"
    ACKNOWLEDGED = "acknowledged"
    HANDED_OVER = "handed_over"
    TEST = "test"


class DeliveryState(Word):
    """`failed` waits for another attempt, `dead` for a person; of the others nothing is left to do."""

    WAITING = "waiting"
    FAILED = "failed"
    SENT = "sent"
    LEFT_OUT = "left_out"
    DEAD = "dead"


class Attempted(Word):
    """What one attempt to send came to."""

    ACCEPTED = "accepted"
    THROTTLED = "throttled"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    REFUSED = "refused"
    NOT_SET_UP = "not_set_up"
    FORBIDDEN_ADDRESS = "forbidden_address"


class Unsent(Word):
    """Why a delivery ended without being sent: the first two leave it out, the others make it dead."""

    NEWER_REVISION = "newer_revision"
    NEVER_TOLD = "never_told"
    REFUSED = "refused"
    TOO_MANY_ATTEMPTS = "too_many_attempts"
    TOO_OLD = "too_old"
    CHANNEL_GONE = "channel_gone"

    @property
    def is_dead(self) -> bool:
        return self not in (Unsent.NEWER_REVISION, Unsent.NEVER_TOLD)


class BreakerState(Word):
    """Whether a channel is used: `half_open` lets one delivery through, to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
