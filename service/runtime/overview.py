"""What the store says of the state that all replicas share, and of its queues that nobody reads -> the ticker's gauges.

Alerts are as old as the clock of decisions says: by the wall, those of a recorded stream would be years old at once.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from service.core.records.metrics import Metric
from service.ports import Lookout
from service.runtime.rulebook import Rulebook
from service.runtime.ticker import Shared
from service.runtime.watchdog import owners


class Overview:
    """Implements the ticker's Shared: what `shared` says, and `orphan_alerts` and `arbitration_age_seconds`."""

    def __init__(
        self, shared: Shared, lookout: Lookout, rulebook: Rulebook, present: Callable[[], Awaitable[datetime]]
    ) -> None:
        self._shared = shared
        self._lookout = lookout
        self._rulebook = rulebook
        self._present = present

    async def readings(self, now: datetime) -> Sequence[tuple[Metric, tuple[str, ...], float]]:  # noqa: ARG002 (the wall's)
        present = await self._present()
        queues = await self._lookout.queues(*owners(self._rulebook.rules), present)
        since = queues.arbitration_since
        waited = 0.0 if since is None else max(0.0, (present - since).total_seconds())
        return [
            *await self._shared.readings(present),
            ("orphan_alerts", (), queues.orphans),
            ("arbitration_age_seconds", (), waited),
        ]
