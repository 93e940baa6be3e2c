"""An event of a survey, a ticket or an employee -> what it says, in one shape; and what a partial one leaves out."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle.categories import Category, categorise
from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event
from tests.oracle.redaction import redacted
from tests.oracle.references import names_about
from tests.oracle.severity import Words, heard, negativity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REMARKS = ("feedback.ticket.comment.v1", "feedback.ticket.csat.v1")
_MERGING = "feedback.ticket.merged.v1"
_WITHDRAWALS = (_MERGING, "feedback.ticket.deleted.v1")
_REOPENING = "feedback.ticket.reopened.v1"
_KEYS = ("instance", "business_key", "ticket", "order")
_PRIORITIES = {"urgent": 0.9, "high": 0.6, "normal": 0.25, "low": 0.1}
_BREACHED = 0.6
# What a change may leave out, since the subject's state has said it.
_KEPT = ("channel", "tier", "region", "segment", "process", "survey", "touchpoint", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`change` is what it does to its subject: `state` replaces it, `remark` adds, `withdraw` ends, `none` nothing.

    `written` is the text as it was written, if it names something or nearly does. A ticket is `merged_into` another.
    `named_with` is the process that was named in the same breath as a business key or an order.
    """

    source: str
    event_id: str
    subject: str
    at: datetime
    revision: int
    kind: str
    change: str
    text: str
    written: str
    language: str
    flags: frozenset[str]
    customer: str
    keys: Mapping[str, str | None]
    named_with: Mapping[str, str | None]
    own_ticket: bool
    relationship: bool
    category: Category
    words: Words
    metrics: tuple[tuple[str, Mapping[str, Any]], ...]
    v: float | None
    scored: bool
    channel: str | None
    tier: str | None
    region: str | None
    segment: str | None
    process: str | None
    survey: str | None
    touchpoint: str | None
    group: str | None
    priority: str | None
    status: str | None
    reopened: int
    reopens: bool
    merged_into: str | None

    @property
    def done(self) -> bool:
        return self.status in ("solved", "closed")


def said(event: Event, playbook: Playbook, secret: bytes, key_id: str) -> Said:
    data, ticket = event.data, event.type.startswith("feedback.ticket.")
    kind = "ticket" if ticket else event.type.split(".")[1]
    correlation = data.get("correlation") or {}
    customer = data.get("customer") or {}
    flags = set() if customer else {"anonymous"}
    change, by_customer = _ticket_change(event) if ticket else (_answer_change(event), True)
    if not by_customer:
        flags.add("not_customer_text")
    original = _text(event, by_customer=by_customer)
    text = redacted(original)
    if text != original:
        flags.add("text_redacted")
    tags = [data.get("language")] if ticket else [one.get("language") for one in data.get("verbatims", ())]
    tag = next((tag for tag in tags if tag), "und")
    language = tag.replace("_", "-").split("-")[0].lower()
    metrics = [(metric["kind"], metric) for metric in data.get("metrics", ())]
    if event.type == "feedback.ticket.csat.v1":
        metrics = [("csat", data["csat"])]
    v = max((negativity(kind, metric) for kind, metric in metrics), default=None)
    scored = v is not None
    if v is None and change == "state" and data.get("priority"):
        v = playbook.severity.get("priority", _PRIORITIES)[data["priority"]]
        if (data.get("sla") or {}).get("breached"):
            v = max(v, _BREACHED)
    named = correlation.get("process") or correlation.get("process_definition")
    process = playbook.process_names.get(named.casefold()) if named else None
    revision = data.get("revision")
    return Said(
        source=event.source,
        event_id=event.id,
        subject=event.subject,
        at=event.at,
        revision=revision if revision is not None else (event.at - _EPOCH) // timedelta(microseconds=1),
        kind=kind,
        change=change,
        text=text,
        written=original if names_about(original, playbook.forms) else "",
        language=language,
        flags=frozenset(flags),
        customer=_whose(event, data.get("team") if kind == "employee" else None, customer, secret, key_id),
        keys={
            "instance": correlation.get("process_instance_key") or correlation.get("instance"),
            "business_key": correlation.get("business_key"),
            "ticket": correlation.get("ticket_ref") or data.get("ticket_number") or data.get("ticket_id"),
            "order": correlation.get("order_ref"),
        },
        named_with={
            name: process if correlation.get(field) else None
            for name, field in (("business_key", "business_key"), ("order", "order_ref"))
        },
        own_ticket=not correlation.get("ticket_ref"),
        relationship=data.get("survey_kind") == "relationship",
        category=categorise(playbook.taxonomy, data.get("source_labels", ()), text, language),
        words=heard(text, language, playbook.severity),
        metrics=tuple(metrics),
        v=v,
        scored=scored,
        channel=data.get("channel"),
        tier=customer.get("tier"),
        region=data.get("region") if kind == "employee" else customer.get("region"),
        segment=customer.get("segment"),
        process=process,
        survey=data.get("survey_id"),
        touchpoint=correlation.get("touchpoint"),
        group=data.get("group_ref") or data.get("team"),
        priority=data.get("priority"),
        status=data.get("status") or ("open" if event.type == _REOPENING else None),
        reopened=data.get("reopen_count") or 0,
        reopens=event.type == _REOPENING,
        merged_into=data.get("merged_into") if event.type == _MERGING else None,
    )


def customer_of_instance(event: Event, secret: bytes, key_id: str) -> str | None:
    """Return whose instance an event speaks of, if it says so: by a reference alone, or as other events do."""
    customer = event.data.get("customer")
    ref = customer["ref"] if isinstance(customer, Mapping) else customer
    return None if ref is None else pseudonym(ref, secret, key_id)


def completed(new: Said, state: Said, *, state_is_done: bool) -> Said:
    """Fill what a change leaves out with what its subject's state says; a remark has words and scores of its own."""
    filled: dict[str, Any] = {name: getattr(state, name) for name in _KEPT if getattr(new, name) is None}
    keys = {name: new.keys[name] or state.keys[name] for name in _KEYS}
    if new.own_ticket and state.keys["ticket"]:
        # That it is a ticket itself takes back no other one that it has named.
        keys["ticket"], filled["own_ticket"] = state.keys["ticket"], state.own_ticket
    filled["keys"] = keys
    filled["named_with"] = {name: (new if new.keys[name] else state).named_with[name] for name in new.named_with}
    filled["relationship"] = new.relationship or state.relationship
    if "anonymous" in new.flags and "anonymous" not in state.flags:
        filled["customer"], filled["flags"] = state.customer, new.flags - {"anonymous"}
    silent = not new.text
    if (new.change == "remark" or silent) and not new.category.all:
        filled["category"] = state.category
    if new.change == "remark":
        filled["written"] = new.written or state.written
        if state_is_done and new.at <= state.at:
            filled["status"] = "solved"
        return replace(new, **filled)
    filled["reopened"] = max(new.reopened, state.reopened)
    filled["status"] = new.status or state.status
    filled["priority"] = new.priority or state.priority
    if not new.metrics:
        filled["metrics"] = state.metrics
    if new.v is None:
        filled["v"], filled["scored"] = state.v, state.scored
    if silent:
        filled["text"], filled["language"], filled["words"] = state.text, state.language, state.words
        filled["written"] = state.written
    return replace(new, **filled)


def _answer_change(event: Event) -> str:
    return "withdraw" if event.data.get("state") in ("deleted", "disqualified") else "state"


def _ticket_change(event: Event) -> tuple[str, bool]:
    """Say what the change does, and whether its text is a customer's and public; a comment must say that it is."""
    data = event.data
    author, public = data.get("comment_author_role"), data.get("is_public") is not False
    by_customer = public and author in (None, "customer")
    if event.type == "feedback.ticket.comment.v1":
        by_customer = public and author == "customer"
        if not by_customer and data.get("status") != "deleted":
            return "none", False
    if event.type in _WITHDRAWALS or data.get("status") == "deleted":
        return "withdraw", by_customer
    return "remark" if event.type in _REMARKS else "state", by_customer


def _text(event: Event, *, by_customer: bool) -> str:
    data = event.data
    if event.type == "feedback.ticket.csat.v1":
        return data["csat"].get("comment") or ""
    if event.type.startswith("feedback.ticket."):
        return "\n".join(part for part in (data.get("subject"), data.get("body")) if part and by_customer)
    return "\n".join(one["text"] for one in data.get("verbatims", ()) if one["text"].strip())


def pseudonym(ref: str, secret: bytes, key_id: str) -> str:
    return f"{key_id}:{hmac.digest(secret, ref.encode(), 'sha256').hex()[:32]}"


def _whose(event: Event, team: str | None, customer: Mapping[str, Any], secret: bytes, key_id: str) -> str:
    """A team speaks with one voice, whoever of it wrote."""
    if team:
        return "team:" + hashlib.sha256(team.encode()).hexdigest()[:32]
    return pseudonym(customer["ref"], secret, key_id) if customer else _nobody(event)


def _nobody(event: Event) -> str:
    """Whoever gave no name is a customer of its own, the same one for all that is said of its subject."""
    return "anonymous:" + hashlib.sha256(f"{event.source}\n{event.subject}".encode()).hexdigest()[:32]
