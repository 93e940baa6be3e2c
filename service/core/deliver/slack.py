"""What is to be said -> a message of Slack's blocks, and what Slack's answers mean.

Limits are those of Slack's reference of blocks: 150 characters a header, 3,000 a section, 2,000 and ten fields, 50
blocks. `&`, `<` and `>` are escaped, so that no customer's words can mention anybody or make a link.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from service.core.deliver.said import Said
from service.core.records.words import Attempted, Severity

_HEADER, _SECTION, _FIELD, _FIELDS = 150, 3_000, 2_000, 10
_MARKS = {
    Severity.CRITICAL: ":red_circle:",
    Severity.HIGH: ":large_orange_circle:",
    Severity.MEDIUM: ":large_yellow_circle:",
    Severity.LOW: ":large_blue_circle:",
    Severity.INFO: ":white_circle:",
}
_DONE = ":white_check_mark:"
# What Slack may get over by itself; every other error is the message's, the token's or the channel's.
_PASSING = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
_THROTTLED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# The message that was to be updated is not there any more, so that a new one has to be made.
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


def message(one: Said, key: str) -> dict[str, Any]:
    """Write the message less its channel. `text` is what a notification shows."""
    mark = _DONE if one.over else _MARKS[one.severity]
    return {
        "text": _cut(f"{mark} {_escaped(one.news)}: {_escaped(one.headline)}", _SECTION),
        "blocks": list(_blocks(one, mark)),
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {
            "event_type": "feedback_router_message",
            "event_payload": {"idempotency_key": key, "alert_id": one.alert_id or ""},
        },
    }


def reply(one: Said) -> dict[str, Any]:
    """Write the reply that makes an update heard, since an update itself tells nobody."""
    return {
        "text": _cut(f"{_MARKS[one.severity]} {_escaped(one.news)} ({one.severity.value})", _SECTION),
        "reply_broadcast": one.severity in (Severity.CRITICAL, Severity.HIGH),
        "unfurl_links": False,
    }


def judged(answer: Mapping[str, Any]) -> tuple[Attempted, str | None]:
    """Say what the body of an answer with status 200 means, with the error's name."""
    if answer.get("ok") is True:
        return Attempted.ACCEPTED, None
    error = "".join(one for one in str(answer.get("error", "")) if one.isalnum() or one == "_")[:60] or "no answer"
    if error in _THROTTLED:
        return Attempted.THROTTLED, error
    return (Attempted.FAILED if error in _PASSING else Attempted.REFUSED), error


def _blocks(one: Said, mark: str) -> Iterator[dict[str, Any]]:
    yield {"type": "header", "text": {"type": "plain_text", "text": _cut(one.headline, _HEADER), "emoji": False}}
    yield _section(f"{mark} *{_escaped(one.news)}*")
    if one.facts:
        fields = [
            {"type": "mrkdwn", "text": _cut(f"*{_escaped(name)}*\n{_escaped(value)}", _FIELD)}
            for name, value in one.facts[:_FIELDS]
        ]
        yield {"type": "section", "fields": fields}
    if one.quotes:
        yield _section("\n".join(f"> {_escaped(quote)}" for quote in one.quotes))
    if one.text:
        yield _section(_escaped(one.text))
    if one.link is not None:
        yield {
            "type": "actions",
            "elements": [
                {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": one.link, "action_id": "open"}
            ],
        }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, _SECTION)}}


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"
