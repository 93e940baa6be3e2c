"""What is to be said -> an e-mail, as values: every message of one alert belongs to one thread.

The first message of a thread has the thread's own id, and later ones answer it; so a second copy has the same id as the
first, and mail programs show it once.
"""

from dataclasses import dataclass
from html import escape

from service.core.deliver.said import Said, line
from service.core.records.deliveries import Delivery, Known
from service.core.records.words import Severity

_SUBJECT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """`message_id` and `answers` are written with their angle brackets; `answers` is None for the first of a thread."""

    subject: str
    text: str
    html: str
    message_id: str
    answers: str | None
    important: bool


def mail(delivery: Delivery, one: Said, known: Known | None, domain: str) -> Mail:
    """Write the message; what is of one thread has one subject, by which some programs thread."""
    thread = f"<{delivery.thread}.{delivery.channel}@{domain}>"
    first = known is None
    return Mail(
        subject=line(one.subject)[:_SUBJECT],
        text=_text(one),
        html=_html(one),
        message_id=thread if first else f"<{delivery.thread}.{delivery.revision}.{delivery.channel}@{domain}>",
        answers=None if first else thread,
        important=one.severity is Severity.CRITICAL and not one.over,
    )


def _text(one: Said) -> str:
    parts = [
        f"{one.news}\n{one.headline}",
        "\n".join(f"{name}: {value}" for name, value in one.facts),
        "\n".join(f"> {quote}" for quote in one.quotes),
        one.text.strip(),
        one.link or "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _html(one: Said) -> str:
    rows = "".join(f"<tr><th align=left>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in one.facts)
    parts = [
        f"<p><strong>{escape(one.news)}</strong><br>{escape(one.headline)}</p>",
        f"<table>{rows}</table>" if rows else "",
        "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in one.quotes),
        f"<pre>{escape(one.text.strip())}</pre>" if one.text else "",
        f'<p><a href="{escape(one.link)}">Open</a></p>' if one.link is not None else "",
    ]
    return f"<!doctype html><html><body>{''.join(parts)}</body></html>\n"


def plain(one: Said) -> tuple[str, str]:
    """Write title and text for what has neither blocks nor mark-up."""
    return f"{one.news}: {one.headline}", _text(one)
