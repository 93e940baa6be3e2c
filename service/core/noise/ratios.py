"""Tallies of endings -> of each rule and team, which share was noise and which share nobody touched, with 95 %."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.core.intervals import Estimate, share
from service.core.noise.endings import NOISY, EndingTally, Rule
from service.core.records.words import Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleNoise:
    """`noise` is the share of noise, duplicates and what was another team's in all of which somebody said what it was.

    `ignored` is the share of those nobody did anything to in all that had interrupted somebody. Either is None where
    there is nothing to take a share of.
    """

    team: str
    rule: Rule
    alerts: int
    told: int
    untouched: int
    dispositions: Mapping[Disposition, int]
    noise: Estimate | None
    ignored: Estimate | None


def rule_noise(tallies: Iterable[EndingTally]) -> tuple[RuleNoise, ...]:
    """Return what is known of each team's rules, those with the most alerts first."""
    groups: dict[tuple[str, Rule], list[EndingTally]] = {}
    for one in tallies:
        groups.setdefault((one.team, one.rule), []).append(one)
    found = (_of_rule(team, rule, group) for (team, rule), group in groups.items())
    return tuple(sorted(found, key=lambda one: (-one.alerts, one.team, one.rule.order)))


def _of_rule(team: str, rule: Rule, group: Iterable[EndingTally]) -> RuleNoise:
    alerts = told = untouched = 0
    said = dict.fromkeys(Disposition, 0)
    for one in group:
        alerts, told, untouched = alerts + one.alerts, told + one.told, untouched + one.ignored
        if one.disposition is not None:
            said[one.disposition] += one.alerts
    of_all, noisy = sum(said.values()), sum(said[one] for one in NOISY)
    return RuleNoise(
        team=team,
        rule=rule,
        alerts=alerts,
        told=told,
        untouched=untouched,
        dispositions=said,
        noise=share(noisy, of_all) if of_all else None,
        ignored=share(untouched, told) if told else None,
    )
