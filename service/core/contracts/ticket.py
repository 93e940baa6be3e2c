"""`feedback.ticket.*.v1`: one change of one ticket.

Every change carries whatever the source knows of the ticket; only what the change is about must be there. Text counts
as feedback if its author is a customer and it is public, so neither is assumed when a source leaves it out.
"""

from enum import StrEnum

from service.core.contracts.answers import Scored
from service.core.contracts.parties import Consent, Correlation, Customer
from service.core.contracts.values import Contract, Count, Instant, Label, Labels, Number, Ref, Text


class TicketStatus(StrEnum):
    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    HOLD = "hold"
    SOLVED = "solved"
    CLOSED = "closed"
    DELETED = "deleted"


class TicketPriority(StrEnum):
    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class AuthorRole(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    SYSTEM = "system"


class TicketSla(Contract):
    first_response_due: Instant | None = None
    resolution_due: Instant | None = None
    breached: bool | None = None


class TicketCsat(Scored):
    """The rating that the customer gave the handling of the ticket."""

    scale_min: Number = 1.0
    scale_max: Number = 5.0
    comment: Text | None = None
    reason: Label | None = None


class Ticket(Contract):
    """`updated_at` is when this change happened, `created_at` when the ticket was opened."""

    ticket_id: Ref
    ticket_number: Ref | None = None
    revision: Count | None = None
    status: TicketStatus | None = None
    prev_status: TicketStatus | None = None
    priority: TicketPriority | None = None
    ticket_type: Label | None = None
    subject: Label | None = None
    body: Text | None = None
    language: Label | None = None
    is_public: bool | None = None
    comment_author_role: AuthorRole | None = None
    channel: Label | None = None
    source_labels: Labels = ()
    assignee_ref: Ref | None = None
    group_ref: Ref | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
    solved_at: Instant | None = None
    reopen_count: Count | None = None
    sla: TicketSla | None = None
    csat: TicketCsat | None = None
    merged_into: Ref | None = None
    problem_ref: Ref | None = None
    customer: Customer | None = None
    correlation: Correlation | None = None
    consent: Consent | None = None


class TicketWithComment(Ticket):
    body: Text


class TicketWithStatus(Ticket):
    status: TicketStatus


class TicketWithCsat(Ticket):
    csat: TicketCsat


class MergedTicket(Ticket):
    """`merged_into` is the ticket that lives on."""

    merged_into: Ref
