"""What a team answers for, and from when until when: a matcher, and beside its fields `from` and `until`.

Times are days or instants in UTC; `from` counts, `until` does not. Without either the team always answers for it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ModelWrapValidatorHandler, model_serializer, model_validator

from service.core.playbook.fields import Matcher, Part

_TIMES = ("from", "until")


def _instant(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    message = "write a day or an instant in UTC, such as 2026-07-01 or 2026-07-01T06:00:00Z"
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(message) from None
    if isinstance(value, str) and len(value) == len("2026-07-01") and isinstance(at, datetime):
        at = at.replace(tzinfo=UTC)
    elif isinstance(at, date) and not isinstance(at, datetime):
        at = datetime(at.year, at.month, at.day, tzinfo=UTC)
    if not isinstance(at, datetime) or at.utcoffset() is None:
        raise ValueError(message)
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(message) from None


Instant = Annotated[datetime, BeforeValidator(_instant)]


class Ownership(Part):
    """One entry of a team's `owns`. It is written as its matcher, with the times that it has beside the fields."""

    match: Matcher
    from_: Annotated[Instant | None, Field(alias="from")] = None
    until: Instant | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _apart(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - what YAML held
        if isinstance(value, cls):
            return value
        if not isinstance(value, Mapping):
            return handler({"match": value})
        fields = {name: one for name, one in value.items() if name not in _TIMES}
        return handler({"match": fields, **{name: value[name] for name in _TIMES if name in value}})

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            message = "until comes no later than from, so that it never holds; write the later one as until"
            raise ValueError(message)
        return self

    @model_serializer
    def _written(self) -> dict[str, Any]:
        times = {"from": self.from_, "until": self.until}
        return {**self.match, **{name: at.isoformat() for name, at in times.items() if at is not None}}

    @property
    def is_dated(self) -> bool:
        return self.from_ is not None or self.until is not None

    def holds(self, at: datetime) -> bool:
        """Tell whether the team answers for it at an instant."""
        return (self.from_ is None or self.from_ <= at) and (self.until is None or at < self.until)
