"""`privacy.erasure.v1`: a customer asks to be forgotten."""

from service.core.contracts.parties import CustomerOrRef
from service.core.contracts.values import Contract, Instant, Label, Ref


class Erasure(Contract):
    """`customer` is named as in the feedback that is to be erased.

    With `include_joined` what the playbook's `identity` joins with it is erased as well.
    """

    customer: CustomerOrRef
    request_id: Ref | None = None
    requested_at: Instant | None = None
    reason: Label | None = None
    include_joined: bool = False
