"""The closed vocabulary of what is kept for how long."""

from service.core.records.words.word import Word


class Kept(Word):
    """A class of rows with an age at which they go; texts go before the rows that they stand in."""

    DEAD_LETTERS = "dead_letters"
    FEEDBACK = "feedback"
    IDENTITIES = "identities"
    ALERT_TEXT = "alert_text"
    NOTICE_TEXT = "notice_text"
    DIGEST_TEXT = "digest_text"
    ACT_TEXT = "act_text"
    LOG = "log"
    NOTICES = "notices"
    DIGESTS = "digests"
    DELIVERIES = "deliveries"
    REVIEWS = "reviews"
    CORRECTIONS = "corrections"
    ALERTS = "alerts"
    ACTS = "acts"
    ERASURES = "erasures"
    ANSWERS = "answers"
    AUDIT = "audit"
