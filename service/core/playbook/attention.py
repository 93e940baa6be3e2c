"""How much of a team's attention alerts may take: budgets, what holds back what, and when a change is noise."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from service.core.playbook.fields import GROUP_FIELDS, Duration, Part, Slug, as_matcher
from service.core.records.words import AlertKind, Level

# What a silence or an inhibition can ask of an alert, beside the fields of its key.
ALERT_TRAITS = frozenset({"team", "route", "kind", "level", "process", "category", "severity"})
_TRAITS = ALERT_TRAITS | GROUP_FIELDS
_MOST_MATCHERS = 20
_KINDS = {"kind": {one.value for one in AlertKind}, "level": {one.value for one in Level}}


def _known(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    if not value:
        message = "an empty matcher would hold back everything; name at least one field"
        raise ValueError(message)
    for name, wanted in value.items():
        if name not in _TRAITS and not name.startswith("attributes."):
            message = f"{name!r} is nothing that an alert has; use one of {', '.join(sorted(_TRAITS))}"
            raise ValueError(message)
        if not wanted or (name in _KINDS and not set(wanted) <= _KINDS[name]):
            message = f"{name}: use one or more of {', '.join(sorted(_KINDS[name]))}" if name in _KINDS else "is empty"
            raise ValueError(message)
    return value


# field of an alert -> the values of which one must be met; all fields must match.
AlertMatcher = Annotated[
    dict[str, tuple[str, ...]], BeforeValidator(as_matcher), AfterValidator(_known), Field(max_length=_MOST_MATCHERS)
]


class TeamBudget(Part):
    """How many interrupts a team takes in an hour, a shift and a day; what is left out has no limit."""

    per_hour: Annotated[int, Field(ge=1, le=10_000)] | None = None
    per_shift: Annotated[int, Field(ge=1, le=10_000)] | None = None
    per_day: Annotated[int, Field(ge=1, le=10_000)] | None = None


class Inhibition(Part):
    """While an alert that matches `source` is open and told of, those of `target` are held back.

    Both must have the same in every field of `equal`.
    """

    id: Slug
    source: AlertMatcher
    target: AlertMatcher
    equal: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] = ("process", "category")

    @model_validator(mode="after")
    def _agrees_on_known_traits(self) -> Self:
        unknown = sorted(set(self.equal) - ALERT_TRAITS - {"region"})
        if unknown:
            message = f"equal: {unknown[0]!r} is nothing that both have; use process, category, region or team"
            raise ValueError(message)
        return self


class Flapping(Part):
    """An alert that changed between open and resolved `changes` times within its last `look_back` records flaps.

    It does until it has been left alone for `calm`.
    """

    look_back: Annotated[int, Field(ge=2, le=100)] = 20
    changes: Annotated[int, Field(ge=2, le=100)] = 4
    calm: Duration = timedelta(hours=24)


# An open formal review speaks for the single alerts of its cell.
FORMAL_REVIEW_INHIBITS = Inhibition(
    id="formal-review",
    source={"kind": (AlertKind.VOLUME.value,), "level": (Level.FORMAL_REVIEW.value,)},
    target={"kind": (AlertKind.EVENT.value,)},
)
