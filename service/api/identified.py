"""Persons, what they were worked out from, and splits -> the documents that clients read."""

from collections.abc import Iterable

from service.api.shown import Shown, Utc
from service.core.persons import Persons
from service.core.records.identities import Evidence, Hearsay, JoinReason, Reference, Split


class SeenShown(Shown):
    """By which event a reference was first named with another."""

    type: str
    ref: str
    source: str
    event_id: str
    at: Utc


class ReferenceShown(Shown):
    """A reference, why it belongs where it does, and what it was seen with; with nothing in `belongs_to` by itself."""

    type: str
    ref: str
    reason: JoinReason
    belongs_to: tuple[str, ...]
    seen_with: tuple[SeenShown, ...]


class SplitShown(Shown):
    """That `ref` does not belong to `other`, unless it was lifted."""

    ref: str
    other: str
    by: str
    reason: str
    at: Utc
    lifted_by: str | None
    lifted_at: Utc | None


class IdentityShown(Shown):
    """The person of a pseudonym, and what was seen with it but is not joined to it, such as what is contested.

    Of a reference that was seen with more than may be shared some are shown.
    """

    ref: str
    person: tuple[ReferenceShown, ...]
    not_joined: tuple[ReferenceShown, ...]
    splits: tuple[SplitShown, ...]


def show_identity(ref: str, people: Persons, heard: Hearsay) -> IdentityShown:
    person = list(dict.fromkeys(one for each in people.references(ref) for one in people.person(each)))
    beside = {
        other
        for said in heard.evidence
        for one, other in (said.pair, said.pair[::-1])
        if one in person and other not in person
    }
    pseudonyms = {one.ref for one in person}
    return IdentityShown(
        ref=ref,
        person=tuple(_reference(one, people, heard.evidence) for one in person),
        not_joined=tuple(_reference(one, people, heard.evidence) for one in sorted(beside)),
        splits=tuple(show_split(one) for one in heard.splits if pseudonyms & set(one.pair)),
    )


def show_split(split: Split) -> SplitShown:
    return SplitShown(
        ref=split.ref,
        other=split.other,
        by=split.author,
        reason=split.reason,
        at=split.at,
        lifted_by=split.lifted_by,
        lifted_at=split.lifted_at,
    )


def _reference(one: Reference, people: Persons, evidence: Iterable[Evidence]) -> ReferenceShown:
    standing = people.standing(one)
    seen = ((said, said.second if said.first == one else said.first) for said in evidence if one in said.pair)
    return ReferenceShown(
        type=one.type,
        ref=one.ref,
        reason=standing.reason,
        belongs_to=tuple(each.ref for each in standing.to),
        seen_with=tuple(
            SeenShown(type=other.type, ref=other.ref, source=said.source, event_id=said.event_id, at=said.at)
            for said, other in seen
        ),
    )
