"""Reviews that ended, with the strongest evidence of each -> cuts of the volume rule that would have spared the noise.

The highest cut is looked for that keeps 95 of 100 reviews which called for something. Refused is a review that
something else than the statistic of its own cell has raised, since no cut would have held it back; what is known by too
few; and a cut that may spare noise by half or less.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import floor
from typing import Any

from service.core.intervals import Estimate, share
from service.core.noise.endings import Span
from service.core.noise.floors import FEWEST, MOSTLY
from service.core.records.alerts import Alert
from service.core.records.facts import ReviewRow
from service.core.records.words import AlertKind, Disposition

KEPT = 0.95
FEWEST_ACTIONABLE = 5
# What `evidence` says of a finding that a cut of single cells decided.
BY_STATISTIC = ("averaged_bayes_factor", "statistic")


class Setting(StrEnum):
    """What a proposal would change of a volume rule."""

    H_LOCAL = "h_local"
    LOCAL_MIN = "local_min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a volume rule asks for at present."""

    h_local: float
    h_formal: float
    local_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOutcome:
    """What a review of one cell turned out to be: by which volume rule it came, and the most that it reached."""

    alert_id: str
    rule: str
    disposition: Disposition
    statistic: float
    x: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutProposal:
    """Another value for a setting of a volume rule, by so many `outcomes`, and what it would have changed of them."""

    rule: str
    setting: Setting
    current: float
    proposed: float
    outcomes: int
    noise_avoided: int
    actionable_lost: int
    others_lost: int
    share: Estimate


def review_outcomes(alerts: Iterable[Alert], reviews: Iterable[ReviewRow], span: Span) -> list[ReviewOutcome]:
    """Find the reviews of volume of which somebody said what they were, in order of their ids."""
    said = {
        one.alert_id: one.disposed.disposition
        for one in alerts
        if one.kind is AlertKind.VOLUME and one.disposed is not None and span.has(one)
    }
    findings: dict[str, list[Mapping[str, Any]]] = {}
    for row in reviews:
        if row.alert_id in said and row.document.get("level") is not None:
            findings.setdefault(str(row.alert_id), []).append(row.document)
    return [
        ReviewOutcome(
            alert_id=name,
            rule=max(one["thresholds"]["rule"] for one in found),
            disposition=said[name],
            statistic=max(one["statistic"] for one in found),
            x=max(one["x"] for one in found),
        )
        for name, found in sorted(findings.items())
        if all(_by_statistic(one) for one in found)
    ]


def propose_cuts(outcomes: Iterable[ReviewOutcome], limits: Mapping[str, Limits]) -> tuple[CutProposal, ...]:
    """Look for a higher cut, and for a higher count, of each volume rule; `limits` are those that hold."""
    of_rule: dict[str, list[ReviewOutcome]] = {}
    for one in outcomes:
        if one.rule in limits:
            of_rule.setdefault(one.rule, []).append(one)
    found: list[CutProposal | None] = []
    for rule, group in sorted(of_rule.items()):
        held = limits[rule]
        actionable = sum(one.disposition is Disposition.ACTIONABLE for one in group)
        if len(group) < FEWEST or actionable < FEWEST_ACTIONABLE:
            continue
        # Cut off after two digits, so that the review at the cut is kept; past the formal cut nothing is decided by it.
        cut = min(floor(100 * _least_kept(group, lambda one: one.statistic)) / 100, held.h_formal)
        found.append(_proposal(Setting.H_LOCAL, held.h_local, cut, group, lambda one: one.statistic))
        count = _least_kept(group, lambda one: one.x)
        found.append(_proposal(Setting.LOCAL_MIN, held.local_min, count, group, lambda one: one.x))
    return tuple(one for one in found if one is not None)


def _by_statistic(finding: Mapping[str, Any]) -> bool:
    alone = not finding.get("siblings") and finding.get("hours") is None
    return alone and (finding["method"], finding["reason"]) == BY_STATISTIC and finding["statistic"] is not None


def _least_kept(group: Iterable[ReviewOutcome], measure: Callable[[ReviewOutcome], float]) -> float:
    """The largest value at which 95 of 100 actionable ones stay."""
    ordered = sorted(measure(one) for one in group if one.disposition is Disposition.ACTIONABLE)
    return ordered[floor(round((1 - KEPT) * len(ordered), 9))]


def _proposal(
    setting: Setting,
    current: float,
    proposed: float,
    group: Sequence[ReviewOutcome],
    measure: Callable[[ReviewOutcome], float],
) -> CutProposal | None:
    lost = [one.disposition for one in group if measure(one) < proposed]
    noise = lost.count(Disposition.NOISE)
    if proposed <= current or not lost or (found := share(noise, len(lost))).low <= MOSTLY:
        return None
    actionable = lost.count(Disposition.ACTIONABLE)
    return CutProposal(
        rule=group[0].rule,
        setting=setting,
        current=current,
        proposed=proposed,
        outcomes=len(group),
        noise_avoided=noise,
        actionable_lost=actionable,
        others_lost=len(lost) - noise - actionable,
        share=found,
    )
