"""The closed vocabulary of what people do to an alert."""

from service.core.records.words.word import Word


class Deed(Word):
    """What a team can do to its alert; only a review takes a cause, a reassign and a dispute name another team."""

    CLAIM = "claim"
    UNCLAIM = "unclaim"
    ACK = "ack"
    SNOOZE = "snooze"
    UNSNOOZE = "unsnooze"
    NOTE = "note"
    CAUSE = "cause"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    REASSIGN = "reassign"
    DISPUTE = "dispute"
