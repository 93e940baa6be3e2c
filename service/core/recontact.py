"""Contributions -> when a case was closed, what a contact is, and after which closed cases the customer came back.

Every rule about recontacts looks at this place alone; deploy/docs/metrics.md has it in words. Refuses to say of an
anonymous customer that it did or did not come back: nobody can know.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from service.core.contracts.event_type import IncomingType
from service.core.records.decisions import Contribution
from service.core.records.words import FeedbackKind, Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A closed case: its ticket's state, when it was closed, and whether its customer came back after that."""

    state: Contribution
    closed_at: datetime
    returned: bool


def closing(state: Contribution, held: Contribution | None) -> Contribution:
    """Say of a state that holds now since when it has been done, and whether its subject was ever reopened.

    `held` is the state that held before. A state that names more reopenings than that one was reopened in between.
    """
    done_before = held is not None and held.feedback.done
    reopens = state.feedback.event_type == IncomingType.TICKET_REOPENED
    if held is not None:
        reopens = reopens or state.feedback.reopen_count > held.feedback.reopen_count
        reopens = reopens or (done_before and not state.feedback.done)
    reopened = reopens or state.feedback.reopen_count > 0 or (held is not None and held.reopened)
    done_at = None
    if state.feedback.done:
        done_at = held.done_at if held is not None and done_before and not reopens else state.feedback.occurred_at
    if (done_at, reopened) == (state.done_at, state.reopened):
        return state
    return replace(state, done_at=done_at, reopened=reopened)


def is_contact(one: Contribution) -> bool:
    """Tell whether somebody who is known turned to us: with a ticket, a negative answer or a negative remark."""
    if Flag.ANONYMOUS in one.feedback.flags or one.feedback.kind is FeedbackKind.EMPLOYEE:
        return False
    return one.assessed.negative or (one.feedback.kind is FeedbackKind.TICKET and not one.key.part)


def closed_at(one: Contribution) -> datetime | None:
    """Return when a case of somebody who is known was closed; None of what is no closed case."""
    return one.done_at if is_contact(one) else None


def cases(contributions: Iterable[Contribution], window: timedelta) -> Iterator[Case]:
    """Yield the closed cases among all contributions.

    The customer came back if the ticket was reopened before it was closed for good, or if a contact about the same
    category, of another subject, began after it was closed and before `window` had passed.
    """
    closed: list[tuple[Contribution, datetime]] = []
    contacts: defaultdict[tuple[str, str], list[Contribution]] = defaultdict(list)
    for one in contributions:
        if is_contact(one):
            contacts[_whose(one)].append(one)
        if (at := closed_at(one)) is not None:
            closed.append((one, at))
    for state, at in closed:
        again = any(_is_other(one, state) and at < one.began_at < at + window for one in contacts[_whose(state)])
        yield Case(state=state, closed_at=at, returned=state.reopened or again)


def _whose(one: Contribution) -> tuple[str, str]:
    return (one.feedback.customer, one.categorised.category)


def _is_other(one: Contribution, state: Contribution) -> bool:
    return (one.key.source, one.key.subject) != (state.key.source, state.key.subject)
