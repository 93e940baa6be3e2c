"""Who a feedback is from and what it is about: the parts that surveys, tickets and employee feedback share."""

from typing import Annotated, Any

from pydantic import AliasChoices, ConfigDict, Discriminator, Field, Tag

from service.core.contracts.values import Attribute, Contract, Extras, Label, Ref


class OtherRef(Contract):
    """What another tool calls the same customer; it is replaced by a pseudonym as well."""

    ref: Ref
    ref_type: Label


MOST_ALSO = 5


class Customer(Contract):
    """`ref` is the source's own name for the customer; it is replaced by a pseudonym before it is stored."""

    ref: Ref
    ref_type: Label | None = None
    tier: Label | None = None
    region: Label | None = None
    segment: Label | None = None
    also: Annotated[tuple[OtherRef, ...], Field(max_length=MOST_ALSO, fail_fast=True)] = ()


def customer_of(party: Customer | str) -> Customer:
    return Customer(ref=party) if isinstance(party, str) else party


def _shape(party: object) -> str:
    return "bare" if isinstance(party, str) else "whole"


# Process engines often know no more of a customer than the reference.
CustomerOrRef = Annotated[Annotated[Customer, Tag("whole")] | Annotated[Ref, Tag("bare")], Discriminator(_shape)]


def _show_other_names(schema: dict[str, Any]) -> None:
    """Add to the schema the names under which a field is read as well; the generator shows the first alone."""
    properties = schema["properties"]
    for other, name in (("process_definition", "process"), ("instance", "process_instance_key")):
        properties[other] = {**properties[name], "description": f"Another name of {name}, read where that is absent."}


class Correlation(Contract):
    """Every handle by which the process instance may be found."""

    model_config = ConfigDict(json_schema_extra=_show_other_names)

    process: Ref | None = Field(default=None, validation_alias=AliasChoices("process", "process_definition"))
    process_instance_key: Ref | None = Field(
        default=None, validation_alias=AliasChoices("process_instance_key", "instance")
    )
    business_key: Ref | None = None
    ticket_ref: Ref | None = None
    order_ref: Ref | None = None
    touchpoint: Attribute | None = None
    agent_ref: Ref | None = None
    extra: Extras = Field(default_factory=dict)


class Consent(Contract):
    basis: Label | None = None
    region: Label | None = None
    retention_class: Label | None = None
    contact_ok: bool | None = None
