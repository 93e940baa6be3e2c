"""Digest -> plain text for e-mail and chat: one headline, one paragraph a group, the worst first.

The first groups name what is more than single complaints and say what customers wrote; the further down, the shorter.
"""

import re
from collections import Counter
from collections.abc import Iterator

from service.core.digest.parts import Digest, Group, Quote, Totals
from service.core.records.words import AlertKind, NoticeReason, Severity

# So many groups are told in full, and so many with one quote.
_IN_FULL, _IN_SHORT = 5, 15
_TITLES = 3
# A quote is cut behind a sentence, if one ends past the half of it.
_LONGEST_QUOTE = 160
_SENTENCE = re.compile(r".{80,}(?:[.!?](?=\s|$)|[\u3002\uff01\uff1f])")
# Stands for a process or category that an alert of several does not name.
_SEVERAL = "*"
_NEWS = {
    NoticeReason.OPENED: "new",
    NoticeReason.DIGEST: "from long ago",
    NoticeReason.SEVERITY_INCREASED: "worse",
    NoticeReason.CUSTOMERS_DOUBLED: "with twice the customers",
    NoticeReason.REOPENED: "back again",
    NoticeReason.OWNER_CHANGED: "handed over to you",
    NoticeReason.REPEAT: "still open",
    NoticeReason.RESOLVED: "over",
}


def text(digest: Digest) -> str:
    """Write it all; lines end with a newline, paragraphs are parted by an empty line."""
    if not digest.groups:
        return "No alerts.\n"
    paragraphs = [_headline(digest), *("\n".join(_lines(at, group)) for at, group in enumerate(digest.groups))]
    if digest.more is not None:
        kinds = _counted(digest.more.groups, "further process and category", "further processes and categories")
        paragraphs.append(f"And {kinds}: {_sums(digest.more.totals)}.")
    return "\n\n".join(paragraphs) + "\n"


def _headline(digest: Digest) -> str:
    totals = digest.totals
    by_severity = ", ".join(
        f"{count} {severity.value}"
        for severity, count in reversed(tuple(zip(Severity, totals.severities, strict=True)))
        if count
    )
    events = f", {_counted(totals.events, 'event', 'events')}" if totals.events else ""
    over = f"; {totals.over} over" if totals.over else ""
    return f"{_sums(totals)}{events}: {by_severity}{over}."


def _lines(at: int, group: Group) -> Iterator[str]:
    what = f"{_named(group.category, 'Several categories')} · {_named(group.process, 'several processes')}"
    yield f"{what}: {_sums(group.totals, _worst(group) + f' ({_news(group)})')}"
    if at < _IN_FULL:
        # The title of single complaints only says again what the heading does.
        titles = Counter(_line(entry.title) for entry in group.alerts if entry.kind is not AlertKind.EVENT)
        yield from (f"- {title}" + (f" ({count})" if count > 1 else "") for title, count in _first(titles))
        if len(titles) > _TITLES:
            yield f"- and {sum(titles.values()) - sum(count for _, count in _first(titles))} more"
    yield from map(_quote, group.quotes if at < _IN_FULL else group.quotes[:1] if at < _IN_SHORT else ())


def _first(titles: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(titles.items())[:_TITLES]


def quoted(said_text: str, said: int) -> str:
    """Write the line by which a quote is told, so that it can be found again and taken out."""
    return _quote(Quote(text=said_text, said=said))


def _quote(quote: Quote) -> str:
    words = _line(quote.text)
    if len(words) > _LONGEST_QUOTE:
        words = words[:_LONGEST_QUOTE]
        sentences = _SENTENCE.match(words)
        words = f"{sentences[0]} …" if sentences else f"{words.rsplit(' ', 1)[0].rstrip(' ,;:.')}…"
    return f"“{words}”" + (f" ({quote.said} say so)" if quote.said > 1 else "")


def _worst(group: Group) -> str:
    count = group.totals.severities[group.severity.rank]
    if count == group.totals.alerts:
        return f", {'all ' if count > 1 else ''}{group.severity.value}"
    return f", {count} {group.severity.value}"


def _news(group: Group) -> str:
    if len(group.reasons) == 1:
        return ("all " if group.totals.alerts > 1 else "") + _said(group.reasons[0][0])
    return ", ".join(f"{count} {_said(reason)}" for reason, count in group.reasons)


def _said(reason: NoticeReason) -> str:
    return _NEWS.get(reason, reason.value.replace("_", " "))


def _sums(totals: Totals, detail: str = "") -> str:
    alerts = _counted(totals.alerts, "alert", "alerts") + detail
    return f"{alerts}, {_counted(totals.customers, 'customer', 'customers')}" if totals.customers else alerts


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"


def _named(label: str, several: str) -> str:
    return several if label == _SEVERAL else _line(label)


def _line(words: str) -> str:
    """A customer's line breaks must not look like ours."""
    return " ".join(words.split())
