"""Pseudonyms -> the evidence and the splits that their persons hang on, among the rows in memory."""

from collections.abc import Collection, Iterator

from service.adapters.memory.rows import Rows
from service.core.persons import walk
from service.core.records.identities import Hearsay, IdentityRule, Reference


def walked(rows: Rows, refs: Collection[str], rule: IdentityRule) -> set[str]:
    """Name the pseudonyms that the persons of `refs` hang on, themselves among them."""
    return {*refs, *(one.ref for one in _walk(rows, refs, rule))}


def hearsay(rows: Rows, refs: Collection[str], rule: IdentityRule) -> Hearsay:
    found = {one.pair: one for each in _walk(rows, refs, rule) for one in rows.evidence_of.get(each, {}).values()}
    named = {reference.ref for pair in found for reference in pair}
    splits = [one for one in rows.splits.values() if named & set(one.pair)]
    return Hearsay(
        evidence=tuple(found[pair] for pair in sorted(found)),
        splits=tuple(sorted(splits, key=lambda one: one.pair)),
    )


def _walk(rows: Rows, refs: Collection[str], rule: IdentityRule) -> set[Reference]:
    split = {pair for one in rows.splits.values() if one.lifted_at is None for pair in (one.pair, one.pair[::-1])}

    def seen(one: Reference, name: str) -> Iterator[Reference]:
        others = rows.evidence_of.get(one, {})
        return (other for other in others if other.type == name and (one.ref, other.ref) not in split)

    return walk((Reference(name, ref) for name in rule.precedence for ref in refs), seen, rule)
