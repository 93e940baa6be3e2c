"""What is kept of process instances: read one with its steps and links, forget those that are too old."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from service.core.records.decisions import Contribution
from service.core.records.feedback import Instance
from service.core.records.steps import Step


class Known(Struct, frozen=True, kw_only=True):
    """An instance, the latest of its steps and of what is linked to it, and how many there are of each in all.

    Steps are in the order of `service.core.course`, those that were withdrawn left out; contributions begin with the
    latest begun.
    """

    instance: Instance
    steps: tuple[Step, ...] = ()
    steps_total: int = 0
    linked: tuple[Contribution, ...] = ()
    linked_total: int = 0


class Lives(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def instance(self, instance_id: str, *, steps: int, linked: int) -> Known | None:
        """Return what is known of an instance, with so many steps and contributions at most."""
        ...


class Forgetting(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def forget_instances(self, before: datetime, limit: int) -> int:
        """Forget instances that aged before an instant, the oldest first, with their steps and keys; return how many.

        One to which a contribution is linked that began since is left. At most `limit` go in one transaction.

        Raises:
            ConflictError: it was rolled back for another's sake.
            OutcomeUnknownError: the reply of the commit was lost.
        """
        ...

    async def forget_waits(self, before: datetime, limit: int) -> int:
        """Forget what waited for process events until before an instant, and return how much; it raises as above."""
        ...
