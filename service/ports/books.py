"""Records of a batch -> how many came to what, and the sum of several batches."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What became of the records of one batch: consumed = accepted + duplicate + superseded + rejected (law 1).

    `rejected` counts by (stage, reason), `verdicts` by (team or "", verdict), `methods` by category method, `links` by
    (status, method), `orphans` what went to nobody's team in particular by the reason of its route.
    """

    consumed: int = 0
    accepted: int = 0
    duplicate: int = 0
    superseded: int = 0
    rejected: Mapping[tuple[str, str], int] = field(default_factory=dict)
    verdicts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    methods: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[tuple[str, str], int] = field(default_factory=dict)
    copies: int = 0
    orphans: Mapping[str, int] = field(default_factory=dict)


def add_books(one: Books, other: Books) -> Books:
    """Sum two batches."""
    return Books(
        consumed=one.consumed + other.consumed,
        accepted=one.accepted + other.accepted,
        duplicate=one.duplicate + other.duplicate,
        superseded=one.superseded + other.superseded,
        rejected=Counter(one.rejected) + Counter(other.rejected),
        verdicts=Counter(one.verdicts) + Counter(other.verdicts),
        methods=Counter(one.methods) + Counter(other.methods),
        links=Counter(one.links) + Counter(other.links),
        copies=one.copies + other.copies,
        orphans=Counter(one.orphans) + Counter(other.orphans),
    )
