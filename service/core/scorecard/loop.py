"""Negative feedback, and what people did to its alerts -> how much was acted on, how soon, and who was won back.

Refuses to count what employees say, as scores do. What was acted on stands in the audit, so that nothing kept beside it
can disagree. deploy/docs/metrics.md has the figures in words.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.core.audit import Action
from service.core.intervals import Estimate, quantile, share
from service.core.records.decisions import Contribution, PartKey
from service.core.records.renamed import Renamed, as_current
from service.core.records.words import FeedbackKind, Flag
from service.core.scorecard.counting import COUNTED, UNBOUNDED, Dimension, value_of
from service.core.scorecard.measures import Measure
from service.core.scorecard.period import Period

# To pass an alert on, or to put it off, is no action yet.
ACTED = (Action.ALERT_ACK, Action.ALERT_CLAIM, Action.ALERT_CAUSE, Action.ALERT_NOTE, Action.ALERT_RESOLVE)
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Looped:
    """Negative feedback of a period, of at most so many values; `renamed` says what categories are called now."""

    by: Dimension
    period: Period
    values: int = UNBOUNDED
    renamed: Renamed = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTally:
    """Of one value: how many were negative, after how many seconds a person first acted, and who was won back.

    `waits` counts them by whole minutes, beyond a day by whole hours. `asked` customers gave a score after their alert
    was resolved; `recovered` of these were no longer negative with the first of them.
    """

    value: str | None
    negative: int
    waits: Mapping[float, int]
    asked: int = 0
    recovered: int = 0

    @property
    def acted(self) -> int:
        return sum(self.waits.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopTallied:
    """The tallies of the values with the most negative feedback; `left_off` counts the values that had no room."""

    tallies: Sequence[LoopTally]
    left_off: int = 0


Acts = Callable[[PartKey], Iterable[tuple[Action, datetime]]]


def count_loop(contributions: Iterable[Contribution], acts: Acts, asked: Looped) -> LoopTallied:
    """Count; `acts` are those on the alerts in which a contribution counts, less copies, in any order.

    Values with more negative feedback come first, then in the order of code points, None last.
    """
    said = list(contributions)
    found: defaultdict[str | None, list[tuple[Contribution, datetime | None, datetime | None]]] = defaultdict(list)
    for one in said:
        if _is_asked(one, asked.period):
            later = [(action, at) for action, at in acts(one.key) if at >= one.began_at]
            first = min((at for action, at in later if action in ACTED), default=None)
            ended = min((at for action, at in later if action is Action.ALERT_RESOLVE), default=None)
            found[value_of(as_current(one, asked.renamed), asked.by)].append((one, first, ended))
    order = sorted(found, key=lambda value: (-len(found[value]), value is None, value or ""))
    return LoopTallied(
        tallies=[_tally(value, found[value], said) for value in order[: asked.values]],
        left_off=max(0, len(order) - asked.values),
    )


def loop_figures(tally: LoopTally) -> Mapping[Measure, tuple[int, Callable[[], Estimate]]]:
    """Name each figure of a tally with how many are behind it."""
    return {
        Measure.FOLLOW_UP: (tally.negative, lambda: share(tally.acted, tally.negative)),
        Measure.FIRST_ACTION_MEDIAN: (tally.acted, lambda: quantile(tally.waits, 0.5)),
        Measure.FIRST_ACTION_P90: (tally.acted, lambda: quantile(tally.waits, 0.9)),
        Measure.RECOVERED: (tally.asked, lambda: share(tally.recovered, tally.asked)),
    }


def rounded(wait: timedelta) -> float:
    """Return the whole minutes of a wait in seconds, beyond a day the whole hours."""
    seconds = wait // timedelta(seconds=1)
    step = _MINUTE if seconds < _DAY else _HOUR
    return float(seconds // step * step)


def _is_asked(one: Contribution, period: Period) -> bool:
    return period.since <= one.began_at < period.until and one.assessed.negative and one.feedback.kind in COUNTED


def _tally(
    value: str | None,
    found: Sequence[tuple[Contribution, datetime | None, datetime | None]],
    said: Sequence[Contribution],
) -> LoopTally:
    waits = Counter(rounded(first - one.began_at) for one, first, _ in found if first is not None)
    ended: dict[str, datetime] = {}
    for one, _, at in found:
        customer = one.feedback.customer
        if at is not None and Flag.ANONYMOUS not in one.feedback.flags:
            ended[customer] = min(at, ended.get(customer, at))
    after = [_next(customer, at, said) for customer, at in ended.items()]
    scored = [one for one in after if one is not None]
    return LoopTally(
        value=value,
        negative=len(found),
        waits=waits,
        asked=len(scored),
        recovered=sum(not one.assessed.negative for one in scored),
    )


def _next(customer: str, after: datetime, said: Iterable[Contribution]) -> Contribution | None:
    """Return a customer's first answer with a score after an instant."""
    answers = (
        one
        for one in said
        if one.feedback.customer == customer
        and one.began_at > after
        and one.feedback.kind is FeedbackKind.SURVEY
        and one.signals.scored
    )
    return min(answers, key=lambda one: (one.began_at, one.key), default=None)
