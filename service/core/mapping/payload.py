"""The values of one record -> the `data` of its event, and what a reader should know of it.

Texts and a ticket's subject are cut to what the contracts hold, with a flag, so that a long letter is not refused.
"""

from typing import Literal, assert_never

from service.core.mapping.fields import Fields, one_line
from service.core.mapping.scores import metrics_of
from service.core.playbook.sources import Source
from service.core.records.words import Flag
from service.core.text import html_to_text, shorten

MAX_TEXT = 65_536
MAX_TEXTS = 50
MAX_LABEL = 500
_CUSTOMER = ("ref", "tier", "region", "segment")
# The source's names of the handles, and the contract's.
_CORRELATION = {
    "process": "process",
    "instance": "process_instance_key",
    "business_key": "business_key",
    "ticket": "ticket_ref",
    "order": "order_ref",
    "touchpoint": "touchpoint",
    "agent": "agent_ref",
}


def payload_of(
    source: Source, kind: Literal["survey", "ticket", "employee"], fields: Fields, subject: str
) -> tuple[dict[str, object], tuple[Flag, ...]]:
    """Return a JSON object without empty members, and its flags."""
    metrics = metrics_of(source.scores, fields)
    texts, is_cut = _texts(source, fields)
    shared: dict[str, object] = {
        "revision": fields.count("revision"),
        "channel": fields.line("channel"),
        "source_labels": [one_line(text, MAX_LABEL) for text in _labels(source, fields)],
        "correlation": _correlation(source, fields),
    }
    match kind:
        case "survey":
            own = _survey(fields, subject, metrics, texts) | {"customer": _customer(source, fields)}
        case "employee":
            own = _employee(fields, subject, metrics, texts)
        case "ticket":
            own, body_cut = _ticket(source, fields, subject, metrics, texts)
            own["customer"] = _customer(source, fields)
            is_cut = is_cut or body_cut
        case _:
            assert_never(kind)
    flags = (Flag.SCORE_MISSING,) if source.scores and not metrics else ()
    return _present({**shared, **own}), (*flags, Flag.TEXT_CUT) if is_cut else flags


def _survey(
    fields: Fields, subject: str, metrics: list[dict[str, object]], texts: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "response_id": subject,
        "survey_id": fields.text("survey"),
        "survey_kind": fields.text("survey_kind"),
        "state": fields.text("state"),
        "metrics": metrics,
        "verbatims": texts,
    }


def _employee(
    fields: Fields, subject: str, metrics: list[dict[str, object]], texts: list[dict[str, object]]
) -> dict[str, object]:
    return {
        "feedback_id": subject,
        "state": fields.text("state"),
        "team": fields.text("team"),
        "region": fields.line("customer.region"),
        "metrics": metrics,
        "verbatims": texts,
    }


def _ticket(
    source: Source, fields: Fields, subject: str, metrics: list[dict[str, object]], texts: list[dict[str, object]]
) -> tuple[dict[str, object], bool]:
    is_html = source.ticket is not None and source.ticket.html
    own = fields.text("ticket.body")
    whole = _plain(own, html=is_html) if own else "\n".join(str(text["text"]) for text in texts)
    body = shorten(whole, MAX_TEXT)
    csat = {name: value for name, value in metrics[0].items() if name not in ("kind", "question_id")} if metrics else {}
    languages = [text["language"] for text in texts if "language" in text]
    ticket: dict[str, object] = {
        "ticket_id": subject,
        "status": fields.text("ticket.status"),
        "priority": fields.text("ticket.priority"),
        "subject": one_line(fields.text("ticket.subject") or "", MAX_LABEL),
        "body": body,
        "language": fields.text("language") or (languages[0] if languages else None),
        "is_public": fields.flag("ticket.public"),
        "comment_author_role": fields.text("ticket.author_role"),
        "group_ref": fields.line("ticket.group"),
        "reopen_count": fields.count("ticket.reopen_count"),
        "sla": _present({"breached": fields.flag("ticket.sla_breached")}),
        "csat": csat,
        "merged_into": fields.text("ticket.merged_into"),
    }
    return ticket, len(body) < len(whole)


def _texts(source: Source, fields: Fields) -> tuple[list[dict[str, object]], bool]:
    """Return the verbatims, at most 50, and whether one was cut or left out."""
    found: list[dict[str, object]] = []
    is_cut = False
    for at, spec in enumerate(source.texts):
        place = f"texts[{at}]"
        language = fields.line(f"{place}.language") or fields.line("language")
        raws = fields.texts(f"{place}.value")
        questions, ids = fields.lines(f"{place}.question"), fields.lines(f"{place}.question_id")
        for nth, raw in enumerate(raws):
            whole = _plain(raw, html=spec.html)
            text = shorten(whole, MAX_TEXT)
            is_cut = is_cut or len(text) < len(whole)
            if text:
                # Where a payload leaves some questions out, none is named rather than a wrong one.
                question = questions[nth] if len(questions) == len(raws) else None
                named = ids[nth] if len(ids) == len(raws) else question
                found.append(_present({"text": text, "question_id": named, "question": question, "language": language}))
    return found[:MAX_TEXTS], is_cut or len(found) > MAX_TEXTS


def _plain(raw: str, *, html: bool) -> str:
    return html_to_text(raw) if html else raw


def _labels(source: Source, fields: Fields) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields.all_texts("labels", len(source.labels))))[:100]


def _customer(source: Source, fields: Fields) -> dict[str, object]:
    """Return nothing for a customer without a reference: the contract knows none, and the event is anonymous."""
    ref = fields.text("customer.ref")
    rest = {name: fields.line(f"customer.{name}") for name in _CUSTOMER[1:]}
    also = [
        {"ref": other, "ref_type": spec.ref_type}
        for at, spec in enumerate(source.customer.also)
        if (other := fields.text(f"customer.also[{at}].ref"))
    ]
    return _present({"ref": ref, "ref_type": source.customer.ref_type, **rest, "also": also}) if ref else {}


def _correlation(source: Source, fields: Fields) -> dict[str, object]:
    found: dict[str, object] = {theirs: fields.text(f"correlation.{ours}") for ours, theirs in _CORRELATION.items()}
    return _present({**found, "process": found["process"] or source.process})


def _present(members: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
