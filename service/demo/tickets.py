"""A question or complaint -> the life of a ticket: opened, answered, chased, solved, rated, perhaps reopened."""

from collections.abc import Callable
from random import Random

from service.demo.envelopes import HELP_DESK, TICKETS, Case, Json, envelope, person
from service.demo.mishaps import Wire
from service.demo.plot import LABELS, QUESTION
from service.demo.timeline import DAY, HOUR, Timeline
from service.demo.verbatims import Writer

_CHANNELS = ("email", "web", "chat", "phone")
_REPLIED, _CHASED, _SOLVED, _RATED, _REOPENED, _LABELLED = 0.6, 0.25, 0.85, 0.3, 0.08, 0.3
_HIGH, _URGENT = 0.12, 0.15
_FIRST_WORDS = frozenset({"subject", "body", "priority", "source_labels"})


class Tickets:
    def __init__(self, dice: Random, wire: Wire, timeline: Timeline, next_id: Callable[[str], str]) -> None:
        self._dice = dice
        self._wire = wire
        self._timeline = timeline
        self._next_id = next_id
        self._writer = Writer(dice)

    def opened(self, case: Case, said: str, second: int, *, grave: bool = False) -> None:
        """Plan a ticket's whole life; a grave one is urgent and stays open."""
        dice, random = self._dice, self._dice.random
        ticket = self._created(case, said, second, grave=grave)
        revision = 1
        self._send("created", ticket, revision, second)
        if random() < _REPLIED:
            revision += 1
            second = self._timeline.after(second, 600, 10 * HOUR)
            said_back = self._writer.reply(case.customer, case.order)
            self._send("comment", _comment(ticket, "agent", said_back), revision, second)
        if random() < _CHASED:
            revision += 1
            second = self._timeline.after(second, 2 * HOUR, 2 * DAY)
            chased = self._writer.chaser(case.customer, case.order)
            self._send("comment", _comment(ticket, "customer", chased), revision, second)
        if grave or random() >= _SOLVED:
            return
        second = self._solved(ticket, revision + 1, second)
        if random() < _RATED:
            rated = {**_bare(ticket), "status": "solved", "csat": {"raw": dice.choice((4, 5, 5))}}
            self._send("csat", rated, revision + 2, self._timeline.after(second, 600, DAY))
        if random() < _REOPENED:
            second = self._timeline.after(second, 2 * HOUR, 3 * DAY)
            again = {**ticket, "status": "open", "prev_status": "solved", "reopen_count": 1}
            self._send("reopened", again, revision + 3, second)
            self._solved(again, revision + 4, second)

    def merged(self, case: Case, second: int) -> str:
        """Plan a question that the help desk merges into the ticket of a contact; return the id of what was merged."""
        ticket = self._created(case, QUESTION, second, grave=False)
        self._send("created", ticket, 1, second)
        second = self._timeline.after(second, 600, 5 * HOUR)
        self._send("merged", {**_bare(ticket), "status": "closed", "merged_into": case.ticket}, 2, second)
        return str(ticket["ticket_id"])

    def _created(self, case: Case, said: str, second: int, *, grave: bool) -> Json:
        random, customer = self._dice.random, case.customer
        asked = said == QUESTION
        drawn = random()
        ticket: Json = {
            "ticket_id": self._next_id("t"),
            "status": "new",
            "subject": self._writer.subject(customer, case.order),
            "body": self._writer.question(customer, case.order)
            if asked
            else self._writer.complaint(said, customer, case.order, feeling=True),
            "is_public": True,
            "comment_author_role": "customer",
            "channel": _CHANNELS[int(random() * len(_CHANNELS))],
            "language": customer.language,
            "created_at": self._timeline.stamp(second),
            "customer": person(customer),
            "correlation": {"process": case.process, "business_key": case.order},
        }
        # Customers set no priority and agents do so rarely; without one the words alone say how bad it is.
        if asked:
            ticket["priority"] = "normal" if random() < _SOLVED else "low"
        elif grave or _HIGH <= drawn < _URGENT:
            ticket["priority"] = "urgent"
        elif drawn < _HIGH:
            ticket["priority"] = "high"
        if said in LABELS and random() < _LABELLED:
            ticket["source_labels"] = [LABELS[said]]
        return ticket

    def _solved(self, ticket: Json, revision: int, second: int) -> int:
        second = self._timeline.after(second, HOUR, 4 * DAY)
        solved = {
            **ticket,
            "status": "solved",
            "prev_status": ticket["status"],
            "solved_at": self._timeline.stamp(second),
        }
        self._send("status", solved, revision, second)
        return second

    def _send(self, change: str, ticket: Json, revision: int, second: int) -> None:
        time = self._timeline.stamp(second)
        value = envelope(
            f"feedback.ticket.{change}.v1",
            HELP_DESK,
            f"{ticket['ticket_id']}-{revision}",
            f"ticket/{ticket['ticket_id']}",
            time,
            {**ticket, "revision": revision, "updated_at": time},
        )
        self._wire.send(second, TICKETS, str(ticket["ticket_id"]), value)


def _comment(ticket: Json, role: str, body: str) -> Json:
    return {**_bare(ticket), "body": body, "comment_author_role": role, "status": "open"}


def _bare(ticket: Json) -> Json:
    """A later word is judged on its own: the ticket's first words, priority and labels are not said again."""
    return {name: value for name, value in ticket.items() if name not in _FIRST_WORDS}
