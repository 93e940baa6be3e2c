"""Events and notices -> for each event that a team is owed, how it was accounted for and how late, as law 3 has it.

An event is accounted for by the first notice of its alert, at or after it, that is at least as severe, or without any
delay if the last notice before it was and the alert has not been told to be over since. What changes a case without
joining an alert is owed nothing, nor what is stale or of a case that is done; critical events are owed even so, but one
of a case that is done is accounted for by any earlier notice.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from service.bench.fatigue.values import ENDS, Heard, Told
from service.core.records.words import Severity, Verdict

_OWED = frozenset({Verdict.OPENED, Verdict.MERGED, Verdict.INHIBITED, Verdict.SILENCED, Verdict.HELD})


class Account(StrEnum):
    """How an event was accounted for."""

    TOLD = "told"
    JOINED = "joined_announced"
    UNACCOUNTED = "unaccounted"


@dataclass(frozen=True, slots=True)
class Accounted:
    """What became of one event; `delay` is that of the notice, None where there was none."""

    heard: Heard
    account: Account
    delay: timedelta | None = None


def account(heard: Iterable[Heard], told: Iterable[Told]) -> list[Accounted]:
    """Account for each event that is owed a notice."""
    notices = _by_alert(told)
    return [_accounted(event, notices.get(event.alert_id or "", ())) for event in heard if is_owed(event)]


def is_owed(event: Heard) -> bool:
    """Whether a notice has to account for an event."""
    if not event.negative:
        return False
    if event.severity is Severity.CRITICAL:
        return event.verdict in _OWED or event.verdict is Verdict.STALE
    return event.verdict in _OWED and not event.done


def critical(accounted: Iterable[Accounted]) -> dict[str, Any]:
    """Count what became of critical events; law 3 wants none to be unaccounted, nor late unless it was stale."""
    grave = [one for one in accounted if one.heard.severity is Severity.CRITICAL]
    counts = Counter(one.account for one in grave)
    late = [one.delay for one in grave if one.delay]
    return {
        "events": len(grave),
        **{kind.value: counts[kind] for kind in Account},
        "told_later_than_at_once": len(late),
        "worst_delay_seconds": round(max(late, default=timedelta()).total_seconds(), 1),
    }


def delays(accounted: Sequence[Accounted]) -> dict[str, Any]:
    """Summarise how late events were told, in seconds, over those that a notice of their own accounts for.

    What joined an alert that was announced already is counted beside; so is, by verdict, what no notice accounts for.
    """
    told = [one.delay.total_seconds() for one in accounted if one.delay is not None]
    silent = Counter(one.heard.verdict.value for one in accounted if one.account is Account.UNACCOUNTED)
    return {
        "events": len(accounted),
        Account.TOLD.value: len(told),
        Account.JOINED.value: sum(one.account is Account.JOINED for one in accounted),
        Account.UNACCOUNTED.value: dict(sorted(silent.items())),
        "median": round(median(told), 1) if told else None,
        "worst": round(max(told), 1) if told else None,
    }


def _by_alert(told: Iterable[Told]) -> Mapping[str, Sequence[Told]]:
    found: dict[str, list[Told]] = {}
    for notice in sorted(told, key=lambda one: (one.at, one.revision)):
        found.setdefault(notice.alert_id, []).append(notice)
    return found


def _accounted(event: Heard, notices: Sequence[Told]) -> Accounted:
    place = bisect_left(notices, event.at, key=lambda one: one.at)
    before = notices[:place] if event.done else notices[max(0, place - 1) : place]
    if any(_covers(notice, event) for notice in before):
        return Accounted(event, Account.JOINED)
    for notice in notices[place:]:
        if _covers(notice, event):
            return Accounted(event, Account.TOLD, notice.at - event.at)
    return Accounted(event, Account.UNACCOUNTED)


def _covers(notice: Told, event: Heard) -> bool:
    return notice.reason not in ENDS and notice.severity.rank >= event.severity.rank
