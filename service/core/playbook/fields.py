"""The small value types that a playbook is written in: durations, identifiers and matchers."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints

_DURATION = re.compile(r"(\d{1,6})\s*(s|m|h|d)")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# Ten years: longer than anything is kept, and short enough that a test's clock runs through its weeks in a moment.
LONGEST = timedelta(days=3653)

# The fields of a feedback that a matcher or a dedup key may name; `attributes.<name>` is allowed as well.
MATCH_FIELDS = frozenset(
    {
        "source", "kind", "channel", "language", "category", "process", "severity", "region", "tier", "segment",
        "survey", "touchpoint", "group", "priority", "status", "stage", "outcome",
    }
)  # fmt: skip
# What names one case rather than a class of them; a key with one of these leaves the team out (deploy/docs/alerts.md).
CASE_FIELDS = frozenset({"instance", "subject", "customer"})
# What the name of an attribute stands behind.
ATTRIBUTES = "attributes."
GROUP_FIELDS = (MATCH_FIELDS - {"severity", "priority", "status", "language", "stage", "outcome"}) | CASE_FIELDS


class Part(BaseModel):
    """A part of the playbook: frozen, and strict about names that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_strip_whitespace=True)


def _duration(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    if isinstance(value, timedelta):
        return value
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        message = "write a duration as a whole number and a unit, such as 60s, 15m, 24h or 7d"
        raise ValueError(message)
    duration = timedelta(seconds=int(found[1]) * _UNITS[found[2]])
    if duration > LONGEST:
        message = f"is longer than {LONGEST.days}d; write a shorter one"
        raise ValueError(message)
    return duration


def as_matcher(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    """Read `field: value` or `field: [values]` as the values of each field."""
    if not isinstance(value, Mapping):
        message = "write a matcher as field: value or field: [values]"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns a ValueError, not a TypeError, into a fault
    return {str(k): tuple(str(x) for x in (v if isinstance(v, list | tuple) else [v])) for k, v in value.items()}


def _known(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    for name in value:
        if name not in MATCH_FIELDS and not name.startswith("attributes."):
            message = f"{name!r} is not a field; use one of {', '.join(sorted(MATCH_FIELDS))} or attributes.<name>"
            raise ValueError(message)
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
# field -> the values of which one must be met; all fields must match.
Matcher = Annotated[dict[str, tuple[str, ...]], BeforeValidator(as_matcher), AfterValidator(_known)]
TeamId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,62}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]
