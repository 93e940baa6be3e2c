"""What one event says of the life of a process instance: one step of it."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from service.core.records.words import Lifecycle

Value = str | bool | int | float | None


class Step(Struct, frozen=True, kw_only=True):
    """One step of one instance. `name` is what its corrections share; of several the highest `rank` holds.

    `at` is when it happened, `told_at` when its source said so. Without an activity it is a step of the whole instance.
    A withdrawn one never was: it is kept, so that what was told before does not come back.
    """

    instance_id: str
    process: str
    source: str
    event_id: str
    name: str
    at: datetime
    told_at: datetime
    activity: str | None = None
    lifecycle: Lifecycle
    team: str | None = None
    attributes: Mapping[str, Value] = field(default_factory=dict)
    withdrawn: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What its corrections have in common: instance, source and name, in which order rows are written."""
        return (self.instance_id, self.source, self.name)

    @property
    def rank(self) -> tuple[datetime, str]:
        """What decides between two events of the step: the greater holds."""
        return (self.told_at, self.event_id)
