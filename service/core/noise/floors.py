"""Tallies of endings and the floors that hold -> for each route the floor above what was mostly noise.

Only `noise` counts as noise here: what was a duplicate, or another team's, was worth somebody's time, and a floor would
not have told it apart. Refused is a band of too few outcomes, and one that may be noise by half or less.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from service.core.intervals import Estimate, share
from service.core.noise.endings import EndingTally
from service.core.records.words import AlertKind, Disposition, Severity

FEWEST = 20
MOSTLY = 0.5
# A floor of critical would hide what is high, which no record of noise is good enough a reason for.
_HIGHEST = Severity.HIGH


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorProposal:
    """A floor for a route, by so many `outcomes`, and what it would have changed among the alerts of its span.

    `share` is that of noise in what would not have come. `others_lost` were duplicates or another team's, `unsaid_lost`
    nobody said anything of.
    """

    route: str
    current: Severity
    proposed: Severity
    outcomes: int
    noise_avoided: int
    actionable_lost: int
    others_lost: int
    unsaid_lost: int
    share: Estimate


def propose_floors(tallies: Iterable[EndingTally], floors: Mapping[str, Severity]) -> tuple[FloorProposal, ...]:
    """Raise each route's floor over the bands above it for as long as they were mostly noise; `floors` hold now."""
    of_route: dict[str, list[EndingTally]] = {}
    for one in tallies:
        if one.rule.kind is AlertKind.EVENT and one.rule.route in floors:
            of_route.setdefault(one.rule.route, []).append(one)
    found = (_of_route(route, group, floors[route]) for route, group in sorted(of_route.items()))
    return tuple(one for one in found if one is not None)


def _of_route(route: str, group: Sequence[EndingTally], current: Severity) -> FloorProposal | None:
    proposed = current
    for band in tuple(Severity)[current.rank : _HIGHEST.rank]:
        said = _said(group, band, band)
        if _outcomes(said) < FEWEST:
            # It says nothing by itself; with the next one it may go, if together they are mostly noise.
            continue
        if not (_is_mostly_noise(said) and _is_mostly_noise(_said(group, current, band))):
            break
        proposed = tuple(Severity)[band.rank + 1]
    if proposed is current:
        return None
    below = tuple(Severity)[proposed.rank - 1]
    lost = _said(group, current, below)
    return FloorProposal(
        route=route,
        current=current,
        proposed=proposed,
        outcomes=_outcomes(_said(group, Severity.INFO, Severity.CRITICAL)),
        noise_avoided=lost[Disposition.NOISE],
        actionable_lost=lost[Disposition.ACTIONABLE],
        others_lost=lost[Disposition.DUPLICATE] + lost[Disposition.WRONG_TEAM],
        unsaid_lost=lost[None],
        share=share(lost[Disposition.NOISE], _outcomes(lost)),
    )


def _said(group: Iterable[EndingTally], lowest: Severity, highest: Severity) -> Counter[Disposition | None]:
    found: Counter[Disposition | None] = Counter()
    for one in group:
        if lowest.rank <= one.severity.rank <= highest.rank:
            found[one.disposition] += one.alerts
    return found


def _outcomes(said: Mapping[Disposition | None, int]) -> int:
    return sum(count for disposition, count in said.items() if disposition is not None)


def _is_mostly_noise(said: Mapping[Disposition | None, int]) -> bool:
    return share(said.get(Disposition.NOISE, 0), _outcomes(said)).low > MOSTLY
