"""JSON values -> bounded, checked Python values: the small types that every contract is written in.

Each refuses what the store or a later stage could not hold: text without an end, a number that is not finite, a moment
without a zone or outside the years 1900 to 2200.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Contract(BaseModel):
    """One JSON object of the border: frozen, strict about JSON types, deaf to fields that it does not know."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )


class Outgoing(Contract):
    """One JSON object that the service writes itself, out of rows that hold words and moments as text."""

    model_config = ConfigDict(strict=False)


# What the pattern below allows, for moments that are read by a source's own format.
YEARS = range(1900, 2201)
# RFC 3339 section 5.6 with its seconds and zone, in the years that a feedback can come from. Left to itself the parser
# behind would take a bare number, or digits in quotes, for seconds since 1970.
_RFC3339 = (
    r"^(19[0-9]{2}|2[01][0-9]{2}|2200)-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
# CloudEvents keeps control characters out of its Strings, and a newline parts the key of `feedback.classified`.
_PRINTABLE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_NUMERIC = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"


def _instant(_source: Any, _handler: Any) -> CoreSchema:  # noqa: ANN401 - the signature that pydantic calls
    aware = core_schema.datetime_schema(tz_constraint="aware", strict=False)
    text = core_schema.chain_schema([core_schema.str_schema(pattern=_RFC3339, strict=True), aware])
    python = core_schema.union_schema([core_schema.datetime_schema(tz_constraint="aware", strict=True), text])
    return core_schema.json_or_python_schema(json_schema=text, python_schema=python)


# So many digits before the point a score may have. The ends of a scale are added and subtracted, which must neither
# overflow nor lose whole numbers.
_LARGEST = 1e15


def _number(_source: Any, _handler: Any) -> CoreSchema:  # noqa: ANN401 - the signature that pydantic calls
    number = core_schema.float_schema(strict=True, allow_inf_nan=False, ge=-_LARGEST, le=_LARGEST)
    text = core_schema.str_schema(pattern=_NUMERIC, strict=True)
    return core_schema.union_schema(
        [number, core_schema.chain_schema([text, core_schema.float_schema(strict=False, allow_inf_nan=False)])],
        mode="left_to_right",
        custom_error_type="number_type",
        custom_error_message="Input should be a number, or a string that holds one",
    )


# An aware moment, in the zone that it was written in.
Instant = Annotated[
    datetime,
    GetPydanticSchema(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": _RFC3339}),
]
# A finite number of at most 15 digits before the point; survey tools do send "10" for 10.
Number = Annotated[float, GetPydanticSchema(_number)]
# 0 or more, within what a JSON number holds exactly (2**53 - 1).
Count = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]

# A probability or another part of one.
Share = Annotated[float, Field(ge=0, le=1)]

# Names something in a source system: used in keys, hence short and printable.
Ref = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
# A short word or phrase for people.
Label = Annotated[str, StringConstraints(max_length=500)]
# What a person wrote.
Text = Annotated[str, StringConstraints(max_length=65_536)]

# sha256 in hexadecimal.
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

# A list is read up to its first fault, which is the one that is reported: a megabyte could hold a hundred thousand.
Refs = Annotated[tuple[Ref, ...], Field(max_length=100, fail_fast=True)]
Labels = Annotated[tuple[Label, ...], Field(max_length=100, fail_fast=True)]

MOST_NAMED = 50


def few_named(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever JSON held
    """Refuse too many members before any is looked at: each would leave a fault for every type that it could have."""
    if isinstance(value, Mapping) and len(value) > MOST_NAMED:
        raise PydanticCustomError("too_long", "Mapping should have at most 50 members")
    return value


Scalar = Annotated[str, StringConstraints(max_length=1_000)] | bool | int | float | None
# Whatever else the source knows: hidden fields, embedded values, process variables.
Extras = Annotated[Mapping[Ref, Scalar], Field(max_length=MOST_NAMED), BeforeValidator(few_named)]

# CloudEvents attributes. Source, subject and id stand together in one B-tree key, with an alert's id of 36 characters;
# PostgreSQL bounds such a key at 2,704 bytes and takes more for a bug of ours. Characters of 4 bytes must fit as well.
IDENTITY_BYTES = 2_560
EventId = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_PRINTABLE)]
EventSource = Annotated[str, StringConstraints(min_length=1, max_length=384, pattern=_PRINTABLE)]
Attribute = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=_PRINTABLE)]
SpecVersion = Literal["1.0"]
