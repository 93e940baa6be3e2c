"""Taxonomy: the categories of a playbook, on three axes, and what the labels of single tools mean."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from service.core.playbook.fields import Label, Part, Slug, TeamId
from service.core.records.words import Axis, FeedbackKind

# Stands in a crosswalk for every source, and among words for every language.
EVERY = "*"

ExampleText = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Examples = dict[str, Annotated[tuple[ExampleText, ...], Field(max_length=100)]]
# The URI or name of a source, or `*` -> what each of its labels means.
Crosswalk = dict[Label, dict[Label, Slug]]


class ByExample(Part):
    """Texts by language: some that belong to the category, and some that do not."""

    include: Examples = {}
    exclude: Examples = {}


class Category(Part):
    """One node of the taxonomy, shared by every channel and language; `owner` answers for its definition.

    With `kinds` it is for feedback of these alone, and looked for there before those that are for all. `replaces` are
    ids of earlier versions: what is stored under one of them is read as this category.
    """

    id: Slug
    label: dict[str, Label]
    definition: str = ""
    owner: TeamId | None = None
    axis: Axis = Axis.ISSUE
    kinds: tuple[FeedbackKind, ...] = ()
    group: Slug | None = None
    labels: tuple[Label, ...] = ()
    keywords: dict[str, tuple[Label, ...]] = {}
    exclude: tuple[Label, ...] = ()
    examples: ByExample = ByExample()
    process: Slug | None = None
    replaces: Annotated[tuple[Slug, ...], Field(max_length=100)] = ()

    @property
    def area(self) -> str:
        """The group that it is in, by default the part of its id before the first dot."""
        return self.group or self.id.partition(".")[0]


class TaxonomyReview(Part):
    """Who looks at the taxonomy where it does not fit, and from when on.

    More than `share` of what a source says in `days` has no category, of at least `min`; or one of `tags`, which people
    put on what has no place, is on `tag_min` subjects of `tag_voices` customers or teams.
    """

    team: TeamId
    share: Annotated[float, Field(gt=0, lt=1)] = 0.15
    days: Annotated[int, Field(ge=7, le=365)] = 28
    min: Annotated[int, Field(ge=1, le=1_000_000)] = 30
    tags: Annotated[tuple[Label, ...], Field(max_length=20)] = ()
    tag_min: Annotated[int, Field(ge=2, le=300)] = 10
    tag_voices: Annotated[int, Field(ge=1, le=300)] = 3


def of_axis(taxonomy: Sequence[Category], axis: Axis) -> tuple[Category, ...]:
    return tuple(one for one in taxonomy if one.axis is axis)


def known_ids(taxonomy: Sequence[Category], axis: Axis) -> tuple[str, ...]:
    """Name what rules may ask for on an axis: its categories, and the ids that they replace."""
    return tuple(name for one in of_axis(taxonomy, axis) for name in (one.id, *one.replaces))


def issues(taxonomy: Sequence[Category]) -> tuple[str, ...]:
    """Name what the `category` of a new decision may be, beside `unmapped`."""
    return tuple(one.id for one in of_axis(taxonomy, Axis.ISSUE))


def renamed(taxonomy: Sequence[Category]) -> dict[str, str]:
    """Map the ids of earlier versions onto those of now."""
    return {old: one.id for one in taxonomy for old in one.replaces}
