"""Entries, in any order -> Digest: one group for each process and category, the worst first, each with a few voices.

Nothing is refused. Of an alert that is there twice its newest revision counts. What is open comes before what is over,
then what is worse, then what has more customers; so the same alerts give the same digest, however they come.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from service.core.digest.alike import voices
from service.core.digest.parts import MOST_ALERTS, MOST_GROUPS, MOST_QUOTES, Digest, Entry, Group, More, Quote, Totals
from service.core.records.words import AlertState, NoticeReason, Severity

# A thousand alerts fit into one message of a broker's default size with titles of this length.
_LONGEST_TITLE = 120


def compose(entries: Iterable[Entry]) -> Digest:
    newest = {one.alert_id: one for one in sorted(entries, key=lambda one: (one.revision, repr(one)))}
    parted: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in sorted(newest.values(), key=_rank):
        parted[entry.process, entry.category].append(entry)
    ordered = sorted(parted.values(), key=_group_rank)
    shown, rest = ordered[:MOST_GROUPS], ordered[MOST_GROUPS:]
    left = [entry for group in rest for entry in group]
    return Digest(
        totals=_totals(tuple(newest.values())),
        groups=tuple(map(_group, shown)),
        more=More(groups=len(rest), totals=_totals(left)) if rest else None,
    )


def _rank(entry: Entry) -> tuple[bool, int, int, str]:
    return entry.state is AlertState.RESOLVED, -entry.severity.rank, -entry.customers, entry.alert_id


def _group_rank(entries: Sequence[Entry]) -> tuple[bool, int, int, str, str]:
    """The entries of a group are in order, so that its first one says how bad it is."""
    is_over, severity, _, _ = _rank(entries[0])
    customers = sum(entry.customers for entry in entries)
    return is_over, severity, -customers, entries[0].process, entries[0].category


def _group(entries: Sequence[Entry]) -> Group:
    reasons = Counter(entry.reason for entry in entries)
    return Group(
        process=entries[0].process,
        category=entries[0].category,
        severity=entries[0].severity,
        totals=_totals(entries),
        reasons=tuple((reason, reasons[reason]) for reason in NoticeReason if reason in reasons),
        alerts=tuple(replace(entry, title=_cut(entry.title)) for entry in entries[:MOST_ALERTS]),
        quotes=_quotes(entries),
    )


def _quotes(entries: Iterable[Entry]) -> tuple[Quote, ...]:
    """The worst alert speaks first."""
    texts = (text for entry in entries for text in entry.excerpts)
    return tuple(Quote(text=text, said=said) for text, said in voices(texts, MOST_QUOTES))


def _totals(entries: Sequence[Entry]) -> Totals:
    counts = Counter(entry.severity for entry in entries)
    info, low, medium, high, critical = (counts[severity] for severity in Severity)
    return Totals(
        alerts=len(entries),
        over=sum(entry.state is AlertState.RESOLVED for entry in entries),
        events=sum(entry.events for entry in entries),
        customers=sum(entry.customers for entry in entries),
        severities=(info, low, medium, high, critical),
    )


def _cut(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…"
