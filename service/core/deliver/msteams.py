"""What is to be said -> an Adaptive Card in the envelope that a Teams workflow takes.

Words of customers are in text runs, which know no mark-up. A workflow can not change or answer what it has posted, so
that each message is a new one. It takes 28 KB; texts are cut so that a card stays well below.
"""

from typing import Any

from service.core.deliver.said import Said
from service.core.records.words import Severity

_LONGEST = 4_000
_COLOURS = {
    Severity.CRITICAL: "attention",
    Severity.HIGH: "attention",
    Severity.MEDIUM: "warning",
    Severity.LOW: "accent",
    Severity.INFO: "default",
}


def card(one: Said) -> dict[str, Any]:
    """Write the message."""
    body: list[dict[str, Any]] = [
        _run(one.headline, weight="bolder", size="large"),
        _run(one.news, color="good" if one.over else _COLOURS[one.severity], weight="bolder"),
    ]
    if one.facts:
        # Facts read a little Markdown; what is between brackets would be a link.
        facts = [{"title": name, "value": _plain(value)} for name, value in one.facts]
        body.append({"type": "FactSet", "facts": facts})
    body += [_run(f"“{quote}”", isSubtle=True) for quote in one.quotes]
    body += [_run(each) for each in one.text[:_LONGEST].split("\n") if each]
    content: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": f"{one.news}: {one.headline}",
        "body": body,
    }
    if one.link is not None:
        content["actions"] = [{"type": "Action.OpenUrl", "title": "Open", "url": one.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _run(words: str, **style: str | bool) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": words, **style}]}


def _plain(words: str) -> str:
    return "".join(letter for letter in words if letter not in "[]()*_`<>")
