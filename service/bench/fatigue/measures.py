"""What was decided within a span -> the figures of fatigue: interrupts, reduction, purity, what criticals are owed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from statistics import mean, median
from typing import Any

from service.bench.fatigue.accounting import account, critical, delays, is_owed
from service.bench.fatigue.values import Decided, Grouped, Span, Told
from service.core.records.words import AlertKind, NoticeReason, Verdict


def figures(decided: Decided, span: Span) -> dict[str, Any]:
    """Measure the events, notices and alerts of a span; notices after it still account for its events.

    `reduction` is against one notice for each negative event; None where there is none.
    """
    heard = [one for one in decided.heard if one.at in span and one.verdict is not Verdict.RECORDED]
    told = [one for one in decided.told if one.at in span]
    grouped = [one for one in decided.grouped if one.opened_at in span]
    negative = sum(one.negative for one in heard)
    interrupts = [one for one in told if one.interrupts]
    of_events = [one for one in interrupts if one.kind is AlertKind.EVENT]
    accounted = account(heard, decided.told)
    return {
        "since": span.since.isoformat(),
        "until": span.until.isoformat(),
        "events": len(heard),
        "negative": negative,
        "owed": sum(map(is_owed, heard)),
        "alerts": {"total": len(grouped), "by_kind": _counted(one.kind.value for one in grouped)},
        "notices": {"total": len(told), "by_reason": _counted(one.reason.value for one in told)},
        "interrupts": {
            "total": len(interrupts),
            "by_kind": _counted(one.kind.value for one in interrupts),
            "by_reason": _counted(one.reason.value for one in interrupts),
            "per_team_and_day": per_team_and_day(((one.team, one.at) for one in interrupts), teams_of(told), span),
        },
        "reduction": reduction(len(interrupts), negative),
        "reduction_of_events": reduction(len(of_events), negative),
        "reduction_without_repeats": reduction(_without_repeats(of_events), negative),
        "digests": sum(one.reason is NoticeReason.DIGEST for one in told),
        "purity": purity(grouped),
        "critical": critical(accounted),
        "delay_seconds": delays(accounted),
    }


def _without_repeats(interrupts: Iterable[Told]) -> int:
    """Count what would be left if somebody acknowledged each alert at once, which nobody does in a replay."""
    return sum(one.reason not in (NoticeReason.REPEAT, NoticeReason.ESCALATED) for one in interrupts)


def reduction(interrupts: int, negative: int) -> float | None:
    """Say which share of one notice for each negative event was spared; below 0 where more were sent."""
    return round(1 - interrupts / negative, 4) if negative else None


def teams_of(told: Iterable[Told]) -> list[str]:
    return sorted({one.team for one in told})


def per_team_and_day(interrupts: Iterable[tuple[str, datetime]], teams: Sequence[str], span: Span) -> dict[str, Any]:
    """Summarise interrupts over every day of every team that was told of anything, days without any included."""
    counts = Counter((team, at.date()) for team, at in interrupts)
    cells = [counts[team, day] for team in teams for day in span.each_day()]
    busy = [count for count in cells if count]
    worst: tuple[tuple[str, date], int] | None = max(
        counts.items(), key=lambda item: (item[1], item[0][1], item[0][0]), default=None
    )
    return {
        "teams": len(teams),
        "days": span.days,
        "mean": round(mean(cells), 3) if cells else 0.0,
        "median": float(median(cells)) if cells else 0.0,
        "median_of_days_with_any": float(median(busy)) if busy else 0.0,
        "worst": worst[1] if worst else 0,
        "worst_of": {"team": worst[0][0], "day": worst[0][1].isoformat()} if worst else None,
    }


def purity(grouped: Iterable[Grouped]) -> dict[str, Any]:
    """Average the share of the commonest category among an alert's members, weighted by members.

    Beside it the same over alerts of several members: one member alone is always pure.
    """
    tallies = [one.categories for one in grouped if one.categories]
    several = [one for one in tallies if sum(one.values()) > 1]
    return {
        "alerts": len(tallies),
        "weighted": _weighted(tallies),
        "alerts_of_several": len(several),
        "weighted_of_several": _weighted(several),
    }


def _weighted(tallies: Sequence[Mapping[str, int]]) -> float | None:
    members = sum(sum(one.values()) for one in tallies)
    return round(sum(max(one.values()) for one in tallies) / members, 4) if members else None


def _counted(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items()))
