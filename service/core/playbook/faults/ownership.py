"""Ownerships with dates: time in which nobody answers for what one of them names, or two teams do.

Whoever answers for less is compared value by value, so that the fields of one entry may come to several teams. Time
before the first `from` is nobody's by intention.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from math import prod

from service.core.playbook.faults.fault import Fault, Path
from service.core.playbook.model import Playbook
from service.core.playbook.ownership import Ownership

# What every alert says of itself, by which it is known whether a date concerns it.
DATED_FIELDS = frozenset({"category", "process", "region"})
# Values of the fields of one entry, each with each.
MOST_COMBINED = 1000
_BEGINNING, _NEVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    path: Path
    team: str
    owned: Ownership

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.owned.from_ or _BEGINNING, self.owned.until or _NEVER

    def meets(self, other: "_Claim") -> bool:
        """Tell whether something may be of both."""
        mine = self.owned.match
        return all(name not in mine or set(mine[name]) & set(them) for name, them in other.owned.match.items())

    def covers(self, one: Mapping[str, str]) -> bool:
        return all(one.get(name) in values for name, values in self.owned.match.items())


def ownership_faults(playbook: Playbook) -> Iterator[Fault]:
    claims = [
        _Claim(path=("teams", at, "owns", place), team=str(team.id), owned=owned)
        for at, team in enumerate(playbook.teams)
        for place, owned in enumerate(team.owns)
    ]
    for claim in claims:
        if not claim.owned.is_dated or not claim.owned.match:
            continue
        unknown = sorted(claim.owned.match.keys() - DATED_FIELDS)
        if unknown:
            message = (
                f"{unknown[0]} is not said of an alert, so that none could be handed over at the date; "
                f"name {', '.join(sorted(DATED_FIELDS))} alone, or leave from and until out"
            )
            yield Fault(path=(*claim.path, unknown[0]), message=message)
        elif prod(len(set(values)) for values in claim.owned.match.values()) > MOST_COMBINED:
            message = f"combines more than {MOST_COMBINED} values, which are compared one by one; write several entries"
            yield Fault(path=claim.path, message=message)
        else:
            near = [other for other in claims if claim.meets(other)]
            yield from _overlaps(claim, near)
            yield from _gaps(claim, near)


def _overlaps(claim: _Claim, near: Sequence[_Claim]) -> Iterator[Fault]:
    """Of two entries with the same fields the later one is told of; one with fewer fields is a matter of routes."""
    start, end = claim.span
    for other in near:
        same = other.owned.match.keys() == claim.owned.match.keys()
        told = other.owned.is_dated and other.path > claim.path
        since, until = max(start, other.span[0]), min(end, other.span[1])
        if other.team != claim.team and same and not told and since < until:
            message = f"{other.team} owns the same {_span(since, until)}, so that neither gets it; let one end first"
            yield Fault(path=claim.path, message=message)


def _gaps(claim: _Claim, near: Sequence[_Claim]) -> Iterator[Fault]:
    ends_at = claim.owned.until
    if ends_at is None:
        return
    found: dict[datetime, str] = {}
    names = tuple(claim.owned.match)
    for values in product(*(dict.fromkeys(claim.owned.match[name]) for name in names)):
        one = dict(zip(names, values, strict=True))
        spans = [other.span for other in near if other.covers(one)]
        if not any(start <= ends_at < end for start, end in spans):
            again = min((start for start, _ in spans if start > ends_at), default=_NEVER)
            found.setdefault(again, ", ".join(f"{name} {value}" for name, value in one.items()))
    for again, what in sorted(found.items()):
        message = f"nobody owns {what} {_span(ends_at, again)}; give it to a team from then on"
        yield Fault(path=(*claim.path, "until"), message=message)


def _span(since: datetime, until: datetime) -> str:
    start = "" if since == _BEGINNING else f"from {_day(since)} "
    return f"{start}on" if until == _NEVER and start else f"{start}until {_day(until)}" if until != _NEVER else "always"


def _day(at: datetime) -> str:
    return at.date().isoformat() if at == at.replace(hour=0, minute=0, second=0, microsecond=0) else at.isoformat()
