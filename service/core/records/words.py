"""The closed vocabularies: every decision carries a member of one of these as its reason."""

from enum import StrEnum

# The category of what nothing could name.
UNMAPPED = "unmapped"
# The process of what names none.
UNASSIGNED = "unassigned"


class Severity(StrEnum):
    """How bad one feedback is, or the worst that an alert holds; `rank` orders them."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """Return 0 for info up to 4 for critical."""
        return _RANKS[self]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Stage(StrEnum):
    """Where a record was rejected."""

    INTAKE = "intake"
    NORMALISE = "normalise"
    SAVE = "save"


class Verdict(StrEnum):
    """What became of an accepted record; the first in this order that holds is taken (deploy/docs/alerts.md)."""

    RECORDED = "recorded"
    QUIET = "quiet"
    STALE = "stale"
    INHIBITED = "inhibited"
    SILENCED = "silenced"
    HELD = "held"
    OPENED = "opened"
    MERGED = "merged"
    UPDATED = "updated"


class Outcome(StrEnum):
    """What became of a consumed record before it got a verdict; the label of `records_total`."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class Settlement(StrEnum):
    """How a customer's outcome has settled a complaint: a later answer was good, or the tickets about it have ended."""

    RECOVERED = "recovered"
    TICKETS_CLOSED = "tickets_closed"


class FeedbackKind(StrEnum):
    """The channel family of a feedback."""

    SURVEY = "survey"
    TICKET = "ticket"
    EMPLOYEE = "employee"


class Change(StrEnum):
    """What an event does to its subject."""

    STATE = "state"
    REMARK = "remark"
    WITHDRAW = "withdraw"
    NONE = "none"


class Flag(StrEnum):
    """Something about a feedback that its reader should know."""

    ANONYMOUS = "anonymous"
    DATE_AMBIGUOUS = "date_ambiguous"
    SCORE_TEXT_CONFLICT = "score_text_conflict"
    SCORE_MISSING = "score_missing"
    TEXT_REDACTED = "text_redacted"
    TEXT_CUT = "text_cut"
    OVERRIDE = "override"
    NOT_CUSTOMER_TEXT = "not_customer_text"
    FUTURE_TIME = "future_time"
    ROUTE_ERROR = "route_error"


class CategoryMethod(StrEnum):
    """Which step of the ladder named the category."""

    LABEL = "label"
    KEYWORD = "keyword"
    MODEL = "model"
    NONE = "none"


class LinkStatus(StrEnum):
    """Whether a process instance was found; `none` says that the feedback named nothing to look for."""

    LINKED = "linked"
    AMBIGUOUS = "ambiguous"
    UNLINKED = "unlinked"
    NONE = "none"


class LinkMethod(StrEnum):
    """Which step of the ladder decided the link (deploy/docs/architecture.md)."""

    INSTANCE_ID = "instance_id"
    BUSINESS_KEY = "business_key"
    TICKET = "ticket"
    NO_KEY = "no_key"
    NOT_FOUND = "not_found"


class RouteReason(StrEnum):
    """Why a team owns a feedback."""

    MATCHED = "matched"
    CATCH_ALL = "catch_all"
    OWNED = "owned"
    NO_OWNER = "no_owner"
    SEVERAL_OWNERS = "several_owners"
    ROUTE_ERROR = "route_error"

    @property
    def is_orphan(self) -> bool:
        """Whether no team in particular was found: nobody owns it, several do, or a condition could not be judged."""
        return self in (RouteReason.NO_OWNER, RouteReason.SEVERAL_OWNERS, RouteReason.ROUTE_ERROR)


class AlertKind(StrEnum):
    """What an alert is about.

    Single feedbacks; the volume of a cell, or how often its customers come back; a case past its limit; a customer at
    risk; times of a process that contradict its feedback.
    """

    EVENT = "event"
    VOLUME = "volume"
    RECONTACT = "recontact"
    LATE_CASE = "late_case"
    AT_RISK = "at_risk"
    CONTRADICTION = "contradiction"

    @property
    def is_review(self) -> bool:
        """Whether people follow such an alert up: they own it, find a cause, act, and see whether that has helped."""
        return self in (AlertKind.VOLUME, AlertKind.RECONTACT)


class Light(StrEnum):
    """What one side says of a process: all is well, it is not, or there is too little to say."""

    GREEN = "green"
    RED = "red"
    UNDECIDED = "undecided"


class SlaReason(StrEnum):
    """Why a process' times are green, red or neither."""

    KEPT = "kept"
    MISSED = "missed"
    FEW_COMPLETED = "few_completed"
    TOO_CLOSE = "too_close"


class FeedbackReason(StrEnum):
    """Why the feedback of a process is green, red or neither."""

    NOTHING_CALLED_FOR = "nothing_called_for"
    REVIEW_OPEN = "review_open"
    REVIEW_LATELY = "review_lately"
    FEW_FEEDBACKS = "few_feedbacks"


class Contradiction(StrEnum):
    """How figures and feedback of a process contradict each other."""

    KEPT_BUT_COMPLAINTS = "kept_but_complaints"
    MISSED_BUT_QUIET = "missed_but_quiet"


class CellMeasure(StrEnum):
    """What is counted in a cell; an alert about it is of the kind of the same name."""

    VOLUME = "volume"
    RECONTACT = "recontact"

    @property
    def alert_kind(self) -> AlertKind:
        """Return the kind of the cell's alerts."""
        return AlertKind(self.value)


class TickKind(StrEnum):
    """Whether a tick judges weeks of days, or the last hours."""

    DAYS = "days"
    HOURS = "hours"


class Level(StrEnum):
    """What a volume alert calls for."""

    LOCAL_ADJUSTMENT = "local_adjustment"
    FORMAL_REVIEW = "formal_review"


class ReviewState(StrEnum):
    """How far people have come with a review; `passed` is one that ended before anything was done about it."""

    OPEN = "open"
    OWNED = "owned"
    CAUSE_FOUND = "cause_found"
    ACTED_ON = "acted_on"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    PASSED = "passed"


class ReviewStep(StrEnum):
    """What is asked of people once a review is open, in this order."""

    OWNER = "owner"
    CAUSE = "cause"
    ACTION = "action"


class AlertState(StrEnum):
    """Acknowledgement is an attribute beside this, so that it can hide neither truth."""

    OPEN = "open"
    RESOLVED = "resolved"


class Disposition(StrEnum):
    """What an alert turned out to be, as the person says who resolves it."""

    ACTIONABLE = "actionable"
    NOISE = "noise"
    DUPLICATE = "duplicate"
    WRONG_TEAM = "wrong_team"


class RungKind(StrEnum):
    """What is overdue when a rung of a ladder is climbed: an answer, an end, the step of a ladder or of a dispute."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    STEP = "step"
    DISPUTE = "dispute"


class NoticeReason(StrEnum):
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


class DigestReason(StrEnum):
    """Why a team hears of several alerts in one message."""

    DAILY = "daily"
    QUIET_HOURS_OVER = "quiet_hours_over"
    UNMUTED = "unmuted"


class Wait(StrEnum):
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
    QUIET_HOURS = "quiet_hours"
    OVER_BUDGET = "over_budget"


class SilenceEnd(StrEnum):
    """How a silence came to its end: in time, lifted by a person, or broken by what it hid."""

    EXPIRED = "expired"
    LIFTED = "lifted"
    OUTGROWN = "outgrown"
    TOO_SEVERE = "too_severe"


class Reason(StrEnum):
    """Why a feedback got its verdict."""

    NOT_FEEDBACK = "not_feedback"
    NOT_NEGATIVE = "not_negative"
    BELOW_FLOOR = "below_floor"
    TOO_OLD = "too_old"
    TOO_OLD_BUT_CRITICAL = "too_old_but_critical"
    NEW_ALERT = "new_alert"
    REOPENED_ALERT = "reopened_alert"
    JOINED_ALERT = "joined_alert"
    ALREADY_MEMBER = "already_member"
    WITHDRAWN = "withdrawn"
    SUBJECT_CHANGED = "subject_changed"
    REVIEW_OPEN = "review_open"
    SILENCE_IN_FORCE = "silence_in_force"
    QUIET_HOURS = "quiet_hours"
    BUDGET_SPENT = "budget_spent"
