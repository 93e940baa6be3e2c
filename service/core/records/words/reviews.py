"""What an alert is about, and what a review finds and asks for."""

from service.core.records.words.word import Word


class AlertKind(Word):
    """What an alert is about.

    Single feedbacks; the volume of a cell, or how often its customers come back; a case past its limit; a customer at
    risk; times of a process that contradict its feedback; a taxonomy that leaves much without a category.
    """

    EVENT = "event"
    VOLUME = "volume"
    RECONTACT = "recontact"
    LATE_CASE = "late_case"
    AT_RISK = "at_risk"
    CONTRADICTION = "contradiction"
    TAXONOMY = "taxonomy"

    @property
    def is_review(self) -> bool:
        """Whether people follow such an alert up: they own it, find a cause, act, and see whether that has helped."""
        return self in (AlertKind.VOLUME, AlertKind.RECONTACT)


class Light(Word):
    """What one side says of a process: all is well, it is not, or there is too little to say."""

    GREEN = "green"
    RED = "red"
    UNDECIDED = "undecided"


class SlaReason(Word):
    """Why a process' times are green, red or neither."""

    KEPT = "kept"
    MISSED = "missed"
    FEW_COMPLETED = "few_completed"
    TOO_CLOSE = "too_close"


class FeedbackReason(Word):
    """Why the feedback of a process is green, red or neither."""

    NOTHING_CALLED_FOR = "nothing_called_for"
    REVIEW_OPEN = "review_open"
    REVIEW_LATELY = "review_lately"
    FEW_FEEDBACKS = "few_feedbacks"


class Contradiction(Word):
    """How figures and feedback of a process contradict each other."""

    KEPT_BUT_COMPLAINTS = "kept_but_complaints"
    MISSED_BUT_QUIET = "missed_but_quiet"


class CellMeasure(Word):
    """What is counted in a cell; an alert about it is of the kind of the same name."""

    VOLUME = "volume"
    RECONTACT = "recontact"

    @property
    def alert_kind(self) -> AlertKind:
        """Return the kind of the cell's alerts."""
        return AlertKind(self.value)


class TickKind(Word):
    """Whether a tick judges weeks of days, or the last hours."""

    DAYS = "days"
    HOURS = "hours"


class Level(Word):
    """What a volume alert calls for."""

    LOCAL_ADJUSTMENT = "local_adjustment"
    FORMAL_REVIEW = "formal_review"


class ReviewState(Word):
    """How far people have come with a review; `passed` is one that ended before anything was done about it."""

    OPEN = "open"
    OWNED = "owned"
    CAUSE_FOUND = "cause_found"
    ACTED_ON = "acted_on"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PASSED = "passed"


class ReviewStep(Word):
    """What is asked of people once a review is open, in this order."""

    OWNER = "owner"
    CAUSE = "cause"
    ACTION = "action"
