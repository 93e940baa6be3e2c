"""How an alert stands, why its team hears of it, and what keeps that back."""

from service.core.records.words.word import Word


class AlertState(Word):
    """Acknowledgement is an attribute beside this, so that it can hide neither truth."""

    OPEN = "open"
    RESOLVED = "resolved"


class Disposition(Word):
    """What an alert turned out to be, as the person says who resolves it."""

    ACTIONABLE = "actionable"
    NOISE = "noise"
    DUPLICATE = "duplicate"
    WRONG_TEAM = "wrong_team"


class RungKind(Word):
    """What is overdue when a rung of a ladder is climbed: an answer, an end, the step of a ladder or of a dispute."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    STEP = "step"
    DISPUTE = "dispute"


class NoticeReason(Word):
    """Why a team hears of an alert."""

    OPENED = "opened"
    SEVERITY_INCREASED = "severity_increased"
    CUSTOMERS_DOUBLED = "customers_doubled"
    REPEAT = "repeat"
    UNMUTED = "unmuted"
    ESCALATED = "escalated"
    REOPENED = "reopened"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    OWNER_CHANGED = "owner_changed"
    FLAPPING = "flapping"
    DIGEST = "digest"

    @property
    def interrupts(self) -> bool:
        """Whether somebody has to look up: an end does not ask for that, and a digest waits for its hour."""
        return self not in (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN, NoticeReason.DIGEST)


class DigestReason(Word):
    """Why a team hears of several alerts in one message."""

    DAILY = "daily"
    QUIET_HOURS_OVER = "quiet_hours_over"
    UNMUTED = "unmuted"


class Wait(Word):
    """Why an alert that changed says nothing now."""

    NOTHING_NEW = "nothing_new"
    WITHIN_WAIT = "within_wait"
    WITHIN_INTERVAL = "within_interval"
    ACKNOWLEDGED = "acknowledged"
    NEVER_ANNOUNCED = "never_announced"
    REPEATS_SPENT = "repeats_spent"
    UNTIL_DIGEST = "until_digest"
    FLAPPING = "flapping"
    INHIBITED = "inhibited"
    SILENCED = "silenced"
    SNOOZED = "snoozed"
    QUIET_HOURS = "quiet_hours"
    OVER_BUDGET = "over_budget"


class SilenceEnd(Word):
    """How a silence came to its end: in time, lifted by a person, or broken by what it hid."""

    EXPIRED = "expired"
    LIFTED = "lifted"
    OUTGROWN = "outgrown"
    TOO_SEVERE = "too_severe"
