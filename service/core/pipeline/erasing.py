"""A reading and the marks of what was erased -> whether it may still say something; and the requests to erase more."""

from datetime import datetime

from msgspec.structs import replace

from service.core.records.facts import Facts
from service.core.records.feedback import FeedbackRead, Reading
from service.core.records.words import Outcome


def erased(reading: Reading, facts: Facts) -> Outcome | None:
    """Say what becomes of a record of which nothing may come back, and have its id forgotten again.

    An event that was erased is a duplicate. What another one says of an erased subject is superseded if it happened no
    later than the erasure, or is no higher a revision than the one that was erased.
    """
    if not facts.erased:
        return None
    outcome = None
    if any(mark in facts.erased for mark in reading.event_marks):
        outcome = Outcome.DUPLICATE
    elif isinstance(reading.said, FeedbackRead) and _is_older(reading, reading.said, facts):
        outcome = Outcome.SUPERSEDED
    if outcome is not None:
        facts.disowned.add((reading.source, reading.event_id))
        vacate(reading, facts)
    return outcome


def vacate(reading: Reading, facts: Facts) -> None:
    """Leave no row of what was locked for nothing: its subject may have been erased while it was waited for."""
    if isinstance(reading.said, FeedbackRead):
        feedback = reading.said.feedback
        if (feedback.source, feedback.subject) not in facts.subjects:
            facts.vacated.add((feedback.customer, feedback.source, feedback.subject))


def ask(reading: Reading, now: datetime, facts: Facts) -> None:
    """Keep a request to erase, whose own id could name the customer and is kept as a mark alone."""
    if reading.erasure is not None:
        facts.erasures.append(
            replace(
                reading.erasure,
                asked_at=min(reading.erasure.asked_at, now),
                recorded_at=now,
                mark=reading.event_marks[0],
            )
        )
        facts.disowned.add((reading.source, reading.event_id))


def _is_older(reading: Reading, said: FeedbackRead, facts: Facts) -> bool:
    for gone in filter(None, map(facts.erased.get, reading.subject_marks)):
        if reading.occurred_at <= gone.at:
            return True
        if said.feedback.change.value == "state" and said.feedback.revision <= (gone.revision or 0):
            return True
    return False
