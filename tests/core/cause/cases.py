"""Instances in few words."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from service.core.cause import Case, Visit

MONDAY = datetime(2026, 9, 7, 8, tzinfo=UTC)


def visits(path: str, hours: Iterable[float] = ()) -> tuple[Visit, ...]:
    """`check@credit pack@store` done an hour each, with so many hours before each after the first, else one."""
    found, at, waits = [], MONDAY, iter(hours)
    for place, step in enumerate(path.split()):
        activity, _, team = step.partition("@")
        at += timedelta(hours=next(waits, 1.0)) if place else timedelta()
        found.append(Visit(activity=activity, team=team or None, started_at=at, ended_at=at + timedelta(hours=1)))
        at += timedelta(hours=1)
    return tuple(found)


def group(
    name: str,
    negative: int,
    count: int,
    *,
    path: str = "",
    outage: bool = False,
    version: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> list[Case]:
    """So many alike, the first of which are negative."""
    return [
        Case(
            instance_id=f"{name}-{at:04}",
            negative=at < negative,
            outage=outage,
            version=version,
            attributes=attributes or {},
            visits=visits(path),
        )
        for at in range(count)
    ]
