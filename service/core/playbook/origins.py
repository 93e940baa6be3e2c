"""Where a value of a tool's payload comes from, and what it stands for: written as a path, or as a mapping."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from service.core.playbook.fields import Expression, Part

PathText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# A blank is a mark too, so it is not stripped as other texts are.
Mark = Annotated[str, StringConstraints(strip_whitespace=False, max_length=10)]
Scalar = str | int | float | bool | None

_ORIGINS = ("path", "paths", "cel", "const", "join")


def _written_short(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return {"path": value} if isinstance(value, str) else value


def as_tuple(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return (value,) if isinstance(value, str | Mapping) else value


def labels_as_text(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    if not isinstance(value, Mapping):
        return value
    texts: dict[str, Any] = {}
    for label, meaning in value.items():
        if texts.setdefault(label_text(label), meaning) != meaning:
            message = f"{label!r} is here twice; labels compare without case and outer blanks"
            raise ValueError(message)
    return texts


def label_text(value: object) -> str:
    """Return how a label compares: as text, without case or outer blanks; YAML's true and 1.0 are `true` and `1`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().casefold()


LabelMap = Annotated[dict[str, Scalar], BeforeValidator(labels_as_text)]


class ValueSpec(Part):
    """Where a value comes from (one origin) and what it stands for.

    `paths` takes the first that is present, `join` glues its parts and is missing when one of them is. A blank text and
    one listed in `missing` count as absent. With a `map`, a label that it does not name counts as absent too. An absent
    value is the `default`. `split` parts a text into several, such as tags in one field.
    """

    path: PathText | None = None
    paths: tuple[PathText, ...] = Field(default=(), max_length=10)
    cel: Expression | None = None
    const: Scalar = None
    join: tuple["Value", ...] = Field(default=(), max_length=10)
    separator: Mark = ""
    split: Mark | None = Field(default=None, min_length=1)
    map: LabelMap | None = None
    missing: tuple[Scalar, ...] = ()
    default: Scalar = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        given = [name for name in _ORIGINS if getattr(self, name) not in (None, ())]
        if len(given) != 1:
            message = f"a value has one of {', '.join(_ORIGINS)}; this one has {' and '.join(given) or 'none'}"
            raise ValueError(message)
        return self


Value = Annotated[ValueSpec, BeforeValidator(_written_short)]
Values = Annotated[tuple[Value, ...], BeforeValidator(as_tuple), Field(max_length=30)]
