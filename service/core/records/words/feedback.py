"""What a feedback is, what is found of it, and what becomes of it."""

from service.core.records.words.word import Word

# The category of what nothing could name.
UNMAPPED = "unmapped"
# The process of what names none.
UNASSIGNED = "unassigned"


class Severity(Word):
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


class Stage(Word):
    """Where a record was rejected."""

    INTAKE = "intake"
    NORMALISE = "normalise"
    SAVE = "save"


class Outcome(Word):
    """What became of a consumed record before it got a verdict; the label of `records_total`."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


class FeedbackKind(Word):
    """The channel family of a feedback."""

    SURVEY = "survey"
    TICKET = "ticket"
    EMPLOYEE = "employee"


class Axis(Word):
    """Which question a category answers: what went wrong, where in the process, or what came of it."""

    ISSUE = "issue"
    STAGE = "stage"
    OUTCOME = "outcome"


class Change(Word):
    """What an event does to its subject."""

    STATE = "state"
    REMARK = "remark"
    WITHDRAW = "withdraw"
    NONE = "none"


class Flag(Word):
    """Something about a feedback that its reader should know."""

    ANONYMOUS = "anonymous"
    DATE_AMBIGUOUS = "date_ambiguous"
    SCORE_TEXT_CONFLICT = "score_text_conflict"
    SCORE_MISSING = "score_missing"
    TEXT_REDACTED = "text_redacted"
    TEXT_CUT = "text_cut"
    LANGUAGE_DETECTED = "language_detected"
    OVERRIDE = "override"
    NOT_CUSTOMER_TEXT = "not_customer_text"
    FUTURE_TIME = "future_time"
    ROUTE_ERROR = "route_error"
    FRONTLINE_TAG = "frontline_tag"


class CategoryMethod(Word):
    """Which step of the ladder named the category, or that a person did."""

    LABEL = "label"
    KEYWORD = "keyword"
    MODEL = "model"
    PERSON = "person"
    NONE = "none"


class Abstained(Word):
    """Why a classifier names no category for a text."""

    NO_TEXT = "no_text"
    OUT_OF_SCOPE = "out_of_scope"


class ModelUse(Word):
    """What became of what a classifier made of a text (deploy/docs/playbook.md)."""

    DECIDED = "decided"
    AGREED = "agreed"
    OUTRANKED = "outranked"
    CONTRADICTED = "contradicted"
    UNSURE = "unsure"
    ABSTAINED = "abstained"
    NOT_ITS_LANGUAGE = "not_its_language"


class SentimentSource(Word):
    """Where a sentiment comes from: the playbook's words, the English lexicon, or a trained head."""

    WORDS = "words"
    LEXICON = "lexicon"
    MODEL = "model"


class LinkStatus(Word):
    """Whether a process instance was found; `none` says that the feedback named nothing to look for."""

    LINKED = "linked"
    AMBIGUOUS = "ambiguous"
    UNLINKED = "unlinked"
    NONE = "none"


class LinkMethod(Word):
    """Which step of the ladder decided the link (deploy/docs/linking.md)."""

    INSTANCE_ID = "instance_id"
    BUSINESS_KEY = "business_key"
    TICKET = "ticket"
    REFERENCE = "reference"
    CUSTOMER = "customer"
    NO_KEY = "no_key"
    NOT_FOUND = "not_found"


class LinkReason(Word):
    """Why a link is what it is (deploy/docs/linking.md)."""

    SOLE_CARRIER = "sole_carrier"
    RAN_AT_THE_TIME = "ran_at_the_time"
    CUSTOMER_AGREES = "customer_agrees"
    TICKET_MERGED = "ticket_merged"
    REFERENCE_IN_TEXT = "reference_in_text"
    NEAR_REFERENCE = "near_reference"
    SOLE_CANDIDATE = "sole_candidate"
    SHARED_KEY = "shared_key"
    SEVERAL_CANDIDATES = "several_candidates"
    KEY_UNKNOWN = "key_unknown"
    NONE_AT_THE_TIME = "none_at_the_time"
    NO_KEY = "no_key"
    RELATIONSHIP_SURVEY = "relationship_survey"


class RouteReason(Word):
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


class Settlement(Word):
    """How a customer's outcome has settled a complaint: a later answer was good, or the tickets about it have ended."""

    RECOVERED = "recovered"
    TICKETS_CLOSED = "tickets_closed"


class Verdict(Word):
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


class Reason(Word):
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
    SNOOZED = "snoozed"
    QUIET_HOURS = "quiet_hours"
    BUDGET_SPENT = "budget_spent"
