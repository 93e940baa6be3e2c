"""What people said of alerts that ended -> how noisy each rule is, and what may be changed in the playbook by it."""

from collections.abc import Mapping
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from service.api.needs import Asker, needs
from service.api.services import Given
from service.api.shown import Shown
from service.api.spans import ShareShown, SpanQuery, SpanShown, asked_span, show_share
from service.core.access import Permission, Principal
from service.core.noise import (
    CutProposal,
    FloorProposal,
    Limits,
    RuleNoise,
    propose_cuts,
    propose_floors,
    rule_noise,
    snippet,
    words,
)
from service.core.pipeline.rules import Rules
from service.core.records.words import AlertKind, Disposition, Level

router = APIRouter(tags=["leads"])
MOST_RULES = 200
MOST_PROPOSALS = 100
MOST_REVIEWS = 10_000


class RuleShown(Shown):
    """What fired: the route of an alert about feedback, what a review counts and at which level, else the kind."""

    kind: AlertKind
    route: str
    level: Level | None


class RuleNoiseShown(RuleShown):
    """Of `alerts` that ended `told` had interrupted somebody; nobody did anything to `untouched` of these.

    `noise` is the share of noise, duplicates and what was another team's in all that somebody gave a disposition,
    `ignored` that of the untouched in the told. Either is null where there is nothing to take a share of. Of fewer than
    five alerts nothing is said to who may not read that (`hidden`).
    """

    team: str
    alerts: int | None
    told: int | None
    untouched: int | None
    dispositions: Mapping[Disposition, int]
    noise: ShareShown | None
    ignored: ShareShown | None
    hidden: bool = False


class RulesNoiseShown(SpanShown):
    """The rules with the most alerts first; `left_off` counts those that had no room here."""

    rules: tuple[RuleNoiseShown, ...]
    left_off: int


class ProposalShown(Shown):
    """A change that recorded outcomes speak for. `noise` is the share of noise in what would not have come.

    `where` names a route, or a rule of `volume` (`volume` itself for all cells). `unsaid_lost` counts alerts of which
    nobody said anything; it is null for reviews, which are looked at only where somebody did.
    """

    setting: Literal["floor", "h_local", "local_min"]
    where: str
    current: str | float
    proposed: str | float
    outcomes: int
    noise_avoided: int
    actionable_lost: int
    others_lost: int
    unsaid_lost: int | None
    noise: ShareShown
    says: str
    yaml: str


class ProposalsShown(SpanShown):
    """Nothing of this is applied: a person puts it into the playbook, after a backtest."""

    proposals: tuple[ProposalShown, ...]
    left_off: int


class NoiseQuery(SpanQuery):
    team: Annotated[str | None, Field(max_length=63, description="Only the rules of this team.")] = None


@router.get(
    "/v1/rules/noise",
    operation_id="readRulesNoise",
    summary="Read how noisy each rule is, by what people said of its alerts",
    description="Of the alerts that ended in the last days, the 200 rules and teams with the most of them.",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_rules_noise(query: Annotated[NoiseQuery, Query()], asker: Asker, services: Given) -> RulesNoiseShown:
    span, rules = await asked_span(query, services), await services.rules()
    found = [one for one in rule_noise(await services.desk.endings(span)) if query.team in (None, one.team)]
    return RulesNoiseShown(
        since=span.since,
        until=span.until,
        playbook=rules.digest,
        rules=tuple(_noise(one, asker) for one in found[:MOST_RULES]),
        left_off=max(0, len(found) - MOST_RULES),
    )


@router.get(
    "/v1/rules/proposals",
    operation_id="readProposals",
    summary="Read which thresholds would have spared noise, for a person to put into the playbook",
    description="Floors of routes and cuts of volume rules of the active playbook. Nothing is applied by itself.",
    dependencies=[needs(Permission.LEAD, everywhere=True)],
)
async def read_proposals(query: Annotated[SpanQuery, Query()], services: Given) -> ProposalsShown:
    span, rules = await asked_span(query, services), await services.rules()
    floors = propose_floors(await services.desk.endings(span), rules.floors)
    cuts = propose_cuts(await services.desk.review_outcomes(span, MOST_REVIEWS), _limits(rules))
    found: list[FloorProposal | CutProposal] = [*floors, *cuts]
    return ProposalsShown(
        since=span.since,
        until=span.until,
        playbook=rules.digest,
        proposals=tuple(_proposal(one) for one in found[:MOST_PROPOSALS]),
        left_off=max(0, len(found) - MOST_PROPOSALS),
    )


def _limits(rules: Rules) -> dict[str, Limits]:
    """Return what each volume rule asks for, under the name that evidence gives it; charts have no cuts."""
    volume = rules.playbook.volume
    found = {
        name: Limits(
            h_local=volume.cuts(rule).local,
            h_formal=volume.cuts(rule).formal,
            local_min=int(volume.figure("local_min", rule)),
        )
        for name, rule in (("volume", None), *((one.id, one) for one in volume.thresholds))
    }
    return dict(sorted(found.items()))


def _noise(one: RuleNoise, asker: Principal) -> RuleNoiseShown:
    hidden = asker.hides(one.alerts)
    return RuleNoiseShown(
        kind=one.rule.kind,
        route=one.rule.route,
        level=one.rule.level,
        team=one.team,
        alerts=None if hidden else one.alerts,
        told=None if hidden else one.told,
        untouched=None if hidden else one.untouched,
        dispositions={} if hidden else one.dispositions,
        noise=None if hidden or one.noise is None else show_share(one.noise),
        ignored=None if hidden or one.ignored is None else show_share(one.ignored),
        hidden=hidden,
    )


def _proposal(one: FloorProposal | CutProposal) -> ProposalShown:
    return ProposalShown(
        setting="floor" if isinstance(one, FloorProposal) else one.setting.value,
        where=one.route if isinstance(one, FloorProposal) else one.rule,
        current=one.current,
        proposed=one.proposed,
        outcomes=one.outcomes,
        noise_avoided=one.noise_avoided,
        actionable_lost=one.actionable_lost,
        others_lost=one.others_lost,
        unsaid_lost=one.unsaid_lost if isinstance(one, FloorProposal) else None,
        noise=show_share(one.share),
        says=words(one),
        yaml=snippet(one),
    )
