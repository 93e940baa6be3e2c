"""What is due of an alert from the people who were told of it, as it was settled when they were."""

from datetime import datetime

from msgspec import Struct

from service.core.records.words import RungKind


class Rung(Struct, frozen=True, kw_only=True):
    """When a team hears that something is overdue `since` then; `level` counts the rungs of one kind from 1."""

    kind: RungKind
    at: datetime
    since: datetime
    to: str
    level: int = 1


class Escalation(Struct, frozen=True, kw_only=True):
    """The ladder that began when the alert's team was told, at `began_at`; `rungs` are those not climbed yet, in order.

    `told` are the other teams that have heard of the alert by it, and are to hear of its end.
    """

    began_at: datetime
    acknowledge_by: datetime | None = None
    resolve_by: datetime | None = None
    rungs: tuple[Rung, ...] = ()
    told: tuple[str, ...] = ()

    def next(self, acked_until: datetime | None, snoozed_until: datetime | None = None) -> tuple[datetime, Rung] | None:
        """Return when the first rung comes, and which.

        Until an acknowledgement ends only the end is due, until a snooze does nothing is.
        """
        due = [
            (rung.at if acked_until is None or rung.kind is RungKind.RESOLVE else max(rung.at, acked_until), at)
            for at, rung in enumerate(self.rungs)
        ]
        if not due:
            return None
        when, at = min(due)
        return when if snoozed_until is None else max(when, snoozed_until), self.rungs[at]
