"""Who a feedback is from and what it is about: the parts that surveys, tickets and employee feedback share."""

from pydantic import AliasChoices, Field

from service.core.contracts.values import Attribute, Contract, Extras, Label, Ref


class Customer(Contract):
    """`ref` is the source's own name for the customer; it is replaced by a pseudonym before it is stored."""

    ref: Ref
    ref_type: Label | None = None
    tier: Label | None = None
    region: Label | None = None
    segment: Label | None = None


# Process engines often know no more of a customer than the reference.
CustomerOrRef = Customer | Ref


def customer_of(party: CustomerOrRef) -> Customer:
    return Customer(ref=party) if isinstance(party, str) else party


class Correlation(Contract):
    """Every handle by which the process instance may be found."""

    process: Ref | None = Field(
        default=None,
        validation_alias=AliasChoices("process", "process_definition"),
        description="Also read as process_definition.",
    )
    process_instance_key: Ref | None = Field(
        default=None,
        validation_alias=AliasChoices("process_instance_key", "instance"),
        description="Also read as instance.",
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
