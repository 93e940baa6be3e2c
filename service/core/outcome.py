"""What one customer has said -> which complaints in surveys the outcome has settled, and by what.

A complaint is settled by a later good answer, or by the end of the tickets about the same case (deploy/docs/alerts.md).
It is decided by what the contributions say at present, never by how they came, and never by what is settled itself: the
same ones settle the same in any order. Refuses to say anything of somebody who is not known by name.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.core.playbook.model import CustomerOutcome
from service.core.records.decisions import Contribution, PartKey, SettledBy
from service.core.records.words import UNASSIGNED, FeedbackKind, Flag, LinkStatus, Settlement


@dataclass(slots=True)
class _Line:
    """What was said, in order, and when each began."""

    said: list[Contribution] = field(default_factory=list)
    began: list[datetime] = field(default_factory=list)

    def put(self, one: Contribution) -> None:
        self.said.append(one)
        self.began.append(one.began_at)

    def first(self, after: datetime, until: datetime) -> Contribution | None:
        """Return the first that began after an instant and not after the other."""
        at = bisect_right(self.began, after)
        return self.said[at] if at < len(self.began) and self.began[at] <= until else None

    def last(self, after: datetime, until: datetime) -> Contribution | None:
        at = bisect_right(self.began, until)
        return self.said[at - 1] if at and self.began[at - 1] > after else None


@dataclass(slots=True)
class _About:
    """What was said of one process; answers by whether they are to a relationship survey."""

    good: defaultdict[bool, _Line] = field(default_factory=lambda: defaultdict(_Line))
    bad: defaultdict[bool, _Line] = field(default_factory=lambda: defaultdict(_Line))
    at_work: _Line = field(default_factory=_Line)


def is_complaint(one: Contribution) -> bool:
    """Tell whether the outcome may settle it: a bad answer of somebody who is known, which its source left at work."""
    bad = one.feedback.kind is FeedbackKind.SURVEY and one.assessed.negative and not one.feedback.done
    return bad and Flag.ANONYMOUS not in one.feedback.flags


def may_settle(changed: Contribution, complaint: Contribution, within: timedelta) -> bool:
    """Tell whether what is said now, or was until now, may have to do with what settles a complaint.

    No other complaint has to be looked at again. It is enough to look at complaints, themselves among what changed.
    """
    if changed.key == complaint.key:
        return True
    later = changed.began_at - complaint.began_at
    if changed.process == complaint.process and timedelta() < later <= within:
        return True
    ticket = changed.feedback.kind is FeedbackKind.TICKET and not changed.key.part and abs(later) <= within
    return ticket and not set(_cases(changed)).isdisjoint(_cases(complaint))


def settlements(
    said: Sequence[Contribution], complaints: Collection[Contribution], rule: CustomerOutcome, apart: timedelta
) -> Mapping[PartKey, SettledBy | None]:
    """Say of each of a customer's complaints what has settled it, None where nothing has.

    `said` is all of the customer's around them, in event order. What is no further than `apart` from an answer is one
    contact with it, and not answered by it.
    """
    if len(said) == 1:
        # Whatever settles a complaint is another thing that was said.
        return dict.fromkeys([one.key for one in complaints])
    processes = {one.process: _About() for one in complaints}
    tickets = _Tickets()
    for one in said:
        if one.process in processes:
            _put(processes[one.process], one)
        tickets.put(one)
    return {
        one.key: _recovered(one, processes[one.process], rule.recovered_within, apart)
        or (tickets.closed(one, rule.recovered_within) if rule.tickets else None)
        for one in complaints
    }


def _put(about: _About, one: Contribution) -> None:
    feedback = one.feedback
    if is_complaint(one):
        about.bad[feedback.relationship].put(one)
    elif one.assessed.negative:
        if not feedback.done:
            about.at_work.put(one)
    elif feedback.kind is FeedbackKind.SURVEY and one.signals.scored:
        about.good[feedback.relationship].put(one)


def _recovered(one: Contribution, about: _About, within: timedelta, apart: timedelta) -> SettledBy | None:
    """Find the first good answer of the same kind after all that it answers; what it cannot answer must be done."""
    mine = one.feedback.relationship
    # Nobody knows whether two answers that name no process are about the same, unless both are about all of it.
    if one.process == UNASSIGNED and not mine:
        return None
    start, end = one.began_at, one.began_at + within
    if about.at_work.first(start, end) is not None or about.bad[not mine].first(start, end) is not None:
        return None
    last = about.bad[mine].last(start, end)
    answer = about.good[mine].first((start if last is None else last.began_at) + apart, end)
    return None if answer is None else _by(Settlement.RECOVERED, answer, answer.began_at)


class _Tickets:
    """One customer's tickets, by the instance that they are about and by their own name."""

    def __init__(self) -> None:
        self._of: defaultdict[tuple[str, str], list[Contribution]] = defaultdict(list)

    def put(self, one: Contribution) -> None:
        if one.feedback.kind is FeedbackKind.TICKET and not one.key.part:
            for name in _cases(one):
                self._of[name].append(one)

    def closed(self, one: Contribution, within: timedelta) -> SettledBy | None:
        """Name the last ticket about the complaint's case to end after it began, if none of them is at work."""
        # A relationship survey speaks of no case.
        names = () if one.feedback.relationship else _cases(one)
        found = (ticket for name in names for ticket in self._of[name])
        near = [ticket for ticket in found if abs(ticket.began_at - one.began_at) <= within]
        if not all(ticket.feedback.done for ticket in near):
            return None
        ended = {ticket.key: ticket.done_at for ticket in near if ticket.done_at and ticket.done_at > one.began_at}
        last = max(
            (ticket for ticket in near if ticket.key in ended),
            key=lambda each: (ended[each.key], each.key),
            default=None,
        )
        return None if last is None else _by(Settlement.TICKETS_CLOSED, last, ended[last.key])


def _cases(one: Contribution) -> list[tuple[str, str]]:
    found = [("ticket", one.feedback.keys.ticket)] if one.feedback.keys.ticket is not None else []
    if one.link.status is LinkStatus.LINKED and one.link.instance_id is not None:
        found.append(("instance", one.link.instance_id))
    return found


def _by(how: Settlement, one: Contribution, at: datetime) -> SettledBy:
    return SettledBy(how=how, source=one.key.source, subject=one.key.subject, event_id=one.feedback.event_id, at=at)
