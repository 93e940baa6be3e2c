"""The books of all batches -> conservation in words: what was consumed came to something, for each team and in all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.core.records.words import Verdict
from service.ports import Books


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamBook:
    """What became of the feedback of one team; `name` None is of what is no team's, such as what was only recorded."""

    name: str | None
    counts: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """`difference` is 0 where the books balance: consumed = accepted + duplicate + superseded + rejected.

    `judged` counts the verdicts of all teams; each accepted record that is no process event has one.
    """

    consumed: int
    parts: tuple[tuple[str, int, float], ...]
    difference: int
    verdicts: tuple[Verdict, ...]
    teams: tuple[TeamBook, ...]
    judged: int
    rejected: tuple[tuple[str, str, int], ...]


def ledger(books: Books, names: Mapping[str, str]) -> Ledger:
    """Write the books; `names` is what teams are called."""
    rejected = sum(books.rejected.values())
    parts = (
        ("Accepted", books.accepted),
        ("Duplicate", books.duplicate),
        ("Superseded", books.superseded),
        ("Rejected", rejected),
    )
    used = tuple(one for one in Verdict if any(verdict == one.value for _, verdict in books.verdicts))
    teams = sorted({team for team, _ in books.verdicts}, key=lambda one: (not one, one))
    return Ledger(
        consumed=books.consumed,
        parts=tuple((name, number, number / books.consumed if books.consumed else 0.0) for name, number in parts),
        difference=books.consumed - sum(number for _, number in parts),
        verdicts=used,
        teams=tuple(_team(team, books, names, used) for team in teams),
        judged=sum(books.verdicts.values()),
        rejected=tuple(
            (stage, reason, number)
            for (stage, reason), number in sorted(books.rejected.items(), key=lambda one: (-one[1], one[0]))
        ),
    )


def _team(team: str, books: Books, names: Mapping[str, str], verdicts: Sequence[Verdict]) -> TeamBook:
    counted = Counter({verdict: number for (one, verdict), number in books.verdicts.items() if one == team})
    return TeamBook(
        name=names.get(team, team) if team else None,
        counts=tuple(counted[one.value] for one in verdicts),
        total=counted.total(),
    )
