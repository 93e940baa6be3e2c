"""`process.instance.v1` and `process.downtime.v1`: what the process engine did, and when it could not."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from service.core.contracts.parties import CustomerOrRef
from service.core.contracts.values import MOST_NAMED, Contract, Extras, Instant, Label, Ref, Refs, few_named
from service.core.records.words import Lifecycle


def _shape(keys: object) -> str:
    return "named" if isinstance(keys, Mapping) else "bare"


# name of the key -> its value, such as {"business_key": "SO-5531", "ticket": "T-9"}.
NamedKeys = Annotated[Mapping[Ref, Ref], Field(max_length=MOST_NAMED), BeforeValidator(few_named)]
Keys = Annotated[Annotated[NamedKeys, Tag("named")] | Annotated[Refs, Tag("bare")], Discriminator(_shape)]


class ProcessInstance(Contract):
    """One step of one instance. `keys` are the names under which feedback may refer to the instance, named or bare.

    `time` is when it happened, where that is not when it was told. `step` is a name that its corrections share; without
    one it is a step of its own. `withdrawn` says that the step never was.
    """

    instance: Ref
    process: Ref
    lifecycle: Lifecycle
    activity: Label | None = None
    keys: Keys = ()
    step: Ref | None = None
    withdrawn: bool = False
    time: Instant | None = None
    customer: CustomerOrRef | None = None
    tier: Label | None = None
    region: Label | None = None
    version: Label | None = None
    team: Ref | None = None
    attributes: Extras = Field(default_factory=dict)


class ProcessDowntime(Contract):
    """A stretch in which the process did not run as it should; without `ended_at` it still lasts."""

    process: Ref
    started_at: Instant
    ended_at: Instant | None = None
    downtime_id: Ref | None = None
    activity: Label | None = None
    region: Label | None = None
    planned: bool = False
    reason: Label | None = None

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise PydanticCustomError("ends_before_start", "ended_at must not be before started_at")
        return self
