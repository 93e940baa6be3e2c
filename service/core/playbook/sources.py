"""Sources: how a tool's raw payload maps, without code, onto the project's CloudEvents.

A value is written as a path, or as a mapping that says where it comes from and what it stands for. The shapes are held
here; paths and conditions are compiled, and their faults named, by `service.core.mapping.compile_source`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from service.core.playbook.fields import Expression, Label, Part, Slug
from service.core.playbook.origins import PathText, Scalar, Value, Values, as_tuple, labels_as_text

# What a source of process events has no use for.
_OF_FEEDBACK = frozenset(
    {
        "type", "revision", "scores", "texts", "language", "correlation", "labels", "ticket", "channel", "survey",
        "survey_kind", "state", "instance", "recorded_when",
    }
)  # fmt: skip
_NAMED_FORMATS = frozenset({"rfc3339", "unix", "unix_ms"})


def _text_written_short(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return {"value": value} if isinstance(value, str) else value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (LookupError, OSError, ValueError):
        message = f"{value!r} is not a time zone; write one such as Europe/London or UTC"
        raise ValueError(message) from None
    return value


def _known_format(value: str) -> str:
    if value not in _NAMED_FORMATS and "%" not in value:
        message = "write a strptime format such as '%d/%m/%Y', or rfc3339, unix or unix_ms"
        raise ValueError(message)
    try:
        datetime.strptime("", value).replace(tzinfo=UTC)
    except re.error:
        message = f"{value!r} names a part of the time twice"
        raise ValueError(message) from None
    except ValueError as error:
        # An empty text meets no format; what strptime says of the format itself is a fault of the playbook.
        if "does not match" not in str(error) and value not in _NAMED_FORMATS:
            message = f"{value!r} is not a format that strptime knows"
            raise ValueError(message) from None
    return value


ZoneName = Annotated[str, AfterValidator(_known_zone)]
TimeFormat = Annotated[str, StringConstraints(min_length=1, max_length=60), AfterValidator(_known_format)]


class DatedWhen(Part):
    """A format that holds for the records that meet a condition."""

    when: Expression
    format: TimeFormat


class TimeSpec(Part):
    """When it happened at the source.

    The first format whose condition holds is taken, else `default`; no format is ever tried. With `ambiguous_default` a
    text that falls to the default and would say another time under a listed format is flagged `date_ambiguous`. A time
    without an offset is in `zone`; a date without a time is the start of its day there. Where the payload has no time,
    `absent: received` takes the time of receipt and `absent: fault` refuses the record.
    """

    value: Value
    formats: Annotated[tuple[DatedWhen, ...], Field(max_length=10)] = ()
    default: TimeFormat = "rfc3339"
    zone: ZoneName = "UTC"
    ambiguous_default: bool = False
    absent: Literal["fault", "received"] = "fault"


class ScoreSpec(Part):
    """A rating with its scale; `words` turns labels into numbers, `missing` lists codes that mean no answer."""

    kind: Literal["nps", "csat", "ces", "binary", "rating"]
    value: Value
    scale_min: Annotated[float, Field(ge=-1e15, le=1e15)]
    scale_max: Annotated[float, Field(ge=-1e15, le=1e15)]
    orientation: Literal["higher_better", "lower_better"]
    missing: tuple[Scalar, ...] = ()
    words: Annotated[dict[str, float], BeforeValidator(labels_as_text)] = {}
    question: Value | None = None
    when: Expression | None = None

    @model_validator(mode="after")
    def _scale_has_a_length(self) -> Self:
        if not self.scale_min < self.scale_max:
            message = "scale_min must be below scale_max; say which end is good with orientation"
            raise ValueError(message)
        return self


class TextSpec(Part):
    """What somebody wrote; `html: true` strips the mark-up. A path that collects gives several texts.

    `question` is what was asked, in words; where it has a name that is nothing to read, that is `question_id`.
    """

    value: Value
    html: bool = False
    question: Value | None = None
    question_id: Value | None = None
    language: Value | None = None


Text = Annotated[TextSpec, BeforeValidator(_text_written_short)]


class OtherRefSpec(Part):
    """A further reference of the customer, of a type that is the same in every record."""

    ref: Value
    ref_type: Label


class CustomerSpec(Part):
    ref: Value | None = None
    ref_type: Label | None = None
    tier: Value | None = None
    region: Value | None = None
    segment: Value | None = None
    also: Annotated[tuple[OtherRefSpec, ...], Field(max_length=5)] = ()


class CorrelationSpec(Part):
    process: Value | None = None
    instance: Value | None = None
    business_key: Value | None = None
    ticket: Value | None = None
    order: Value | None = None
    touchpoint: Value | None = None
    agent: Value | None = None


class TicketSpec(Part):
    """The ticket's own fields; the values of `status` and `priority` are mapped onto the project's words."""

    status: Value | None = None
    priority: Value | None = None
    group: Value | None = None
    reopen_count: Value | None = None
    sla_breached: Value | None = None
    subject: Value | None = None
    body: Value | None = None
    html: bool = False
    author_role: Value | None = None
    public: Value | None = None
    merged_into: Value | None = None


class InstanceSpec(Part):
    """A record that also tells of a process instance; its times are written as the source's `time` is."""

    id: Value
    process: Value | None = None
    started_at: Value | None = None
    ended_at: Value | None = None
    keys: Values = ()


def _as_tuple_unless_named(value: Any) -> Any:  # noqa: ANN401 - a validator receives whatever YAML held
    return value if isinstance(value, Mapping) else as_tuple(value)


class StepSpec(Part):
    """What a record says of the process instance that its `subject` names; without an activity, of all of it.

    The values of `lifecycle` are mapped onto the contract's words. `keys` is a list, or a mapping that names each; `at`
    is when it happened, if `time` is when it was told. A record that meets `skip_when` is recorded and says nothing.
    """

    process: Value | None = None
    activity: Value | None = None
    lifecycle: Value
    name: Value | None = None
    withdrawn: Value | None = None
    at: Value | None = None
    keys: Annotated[
        Annotated[dict[Slug, Value], Field(max_length=30)] | Annotated[tuple[Value, ...], Field(max_length=30)],
        BeforeValidator(_as_tuple_unless_named),
    ] = ()
    version: Value | None = None
    skip_when: Expression | None = None


class SignatureSpec(Part):
    """How the tool signs a body. The secret is in the environment, under the name given here."""

    header: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$", to_lower=True)]
    scheme: Literal["hmac-sha256", "hmac-sha1", "hmac-sha512"] = "hmac-sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: Annotated[str, Field(max_length=40)] = ""
    secret_env: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,100}$")]


class Source(Part):
    """One tool's payload. Without `id` an event is known by the sha256 of its payload less the `ignore` paths.

    `embedded` is the path of a JSON text inside, which is read in place; `items` that of a list of records. A body that
    is a list is one as well. `unproved` says that no real payload of the tool has passed through this mapping yet.
    """

    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$")] | None = None
    kind: Literal["survey", "ticket", "employee", "process"]
    format: Literal["json", "form"] = "json"
    embedded: PathText | None = None
    items: PathText | None = None
    type: Value | None = None
    id: Values = ()
    ignore: Annotated[tuple[PathText, ...], Field(max_length=30)] = ()
    subject: Value
    revision: Value | None = None
    time: TimeSpec | None = None
    scores: Annotated[tuple[ScoreSpec, ...], Field(max_length=10)] = ()
    texts: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    language: Value | None = None
    customer: CustomerSpec = CustomerSpec()
    correlation: CorrelationSpec = CorrelationSpec()
    labels: Values = ()
    ticket: TicketSpec | None = None
    channel: Value | None = None
    survey: Value | None = None
    survey_kind: Value | None = None
    state: Value | None = None
    team: Value | None = None
    process: Slug | None = None
    attributes: Annotated[dict[Slug, Value], Field(max_length=30)] = {}
    instance: InstanceSpec | None = None
    step: StepSpec | None = None
    key: Value | None = None
    signature: SignatureSpec | None = None
    recorded_when: Expression | None = None
    source_uri: Label | None = None
    unproved: bool = False

    @model_validator(mode="after")
    def _fields_of_its_kind(self) -> Self:
        is_process = self.kind == "process"
        strange = sorted(self.model_fields_set & _OF_FEEDBACK) if is_process else []
        if self.ticket is not None and self.kind != "ticket":
            message = "ticket: only a source of kind ticket has ticket fields"
        elif is_process != (self.step is not None):
            message = "step: a source of kind process has one, and no other has"
        elif strange:
            message = f"{strange[0]}: a source of kind process tells of no feedback; take it out"
        else:
            return self
        raise ValueError(message)
