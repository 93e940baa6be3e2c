"""Which instances are compared, and what is stored of them -> the cases that causes are looked for in.

A complaint is a negative contribution that is linked with a confidence of 0.85 at least. An instance ran in a window if
it had begun by its end and had not ended longer before it than linking looks back. Refuses to hold more than 20,000
instances: of more, a sample is taken in order of the sha256 of their ids, complaints first.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from msgspec import Struct, field

from service.core.cause.case import Case, Visit
from service.core.course import course
from service.core.records.alerts import Alert
from service.core.records.decisions import Contribution
from service.core.records.feedback import Downtime, Instance
from service.core.records.renamed import Renamed, current
from service.core.records.steps import Step, Value

SURE = 0.85
MOST_CASES = 20_000
_DAY = timedelta(days=1)


class Compared(Struct, frozen=True, kw_only=True):
    """What is compared: the instances of a process, of one region where it is not None, that ran in a window.

    Those with a complaint in the window under `category` are negative; with an `alert_id` it is those whose complaint
    is in that alert. `until` is not in the window; what ended by `ended_since` did not run in it. `renamed` says what
    categories are called now.
    """

    process: str
    category: str
    region: str | None
    since: datetime
    until: datetime
    ended_since: datetime
    alert_id: str | None = None
    most: int = MOST_CASES
    renamed: Renamed = field(default_factory=dict)


class Gathered(Struct, frozen=True, kw_only=True):
    """`complained_at` is when the first complaint of an instance began. `negative` and `others` count all there are."""

    instances: Sequence[Instance]
    complained_at: Mapping[str, datetime]
    steps: Sequence[Step]
    downtimes: Sequence[Downtime]
    negative: int
    others: int

    @property
    def weight(self) -> float:
        """How many others each one stands for, where a negative one stands for itself."""
        negative = len(self.complained_at)
        others = len(self.instances) - negative
        return (self.others / others) / (self.negative / negative) if others and negative else 1.0


def compared_of(alert: Alert, lookback: timedelta, renamed: Renamed | None = None) -> Compared:
    """Say what is compared for an alert: of a review its cell and window, else what it holds, while news came."""
    window = alert.evidence.get("window") if alert.kind.is_review else None
    if window is not None:
        start, last = (datetime.combine(date.fromisoformat(day), time(), UTC) for day in window)
        end = last + _DAY
    else:
        start, end = alert.first_seen, alert.last_seen + timedelta(microseconds=1)
    return Compared(
        process=alert.process,
        category=current(alert.category, renamed or {}),
        region=alert.region,
        since=start,
        until=end,
        ended_since=start - lookback,
        alert_id=None if window is not None else alert.alert_id,
        renamed=renamed or {},
    )


def gather(
    asked: Compared,
    instances: Iterable[Instance],
    contributions: Iterable[Contribution],
    steps: Mapping[str, Iterable[Step]],
    downtimes: Iterable[Downtime],
) -> Gathered:
    """Pick out of everything what is compared; of an alert, `contributions` are those that it holds."""
    complaints: dict[str, datetime] = {}
    for one in contributions:
        name = one.link.instance_id
        if name is not None and is_complaint(one) and (asked.alert_id is not None or _in_cell(one, asked)):
            complaints[name] = min(one.began_at, complaints.get(name, one.began_at))
    ran = sorted((one for one in instances if _ran(one, asked)), key=lambda one: _lot(one.instance_id))
    negative = [one for one in ran if one.instance_id in complaints]
    others = [one for one in ran if one.instance_id not in complaints]
    kept = negative[: asked.most // 2]
    kept += others[: asked.most - len(kept)]
    return Gathered(
        instances=kept,
        complained_at={one.instance_id: complaints[one.instance_id] for one in kept if one.instance_id in complaints},
        steps=[step for one in kept for step in steps.get(one.instance_id, ())],
        downtimes=[one for one in downtimes if one.process == asked.process],
        negative=len(negative),
        others=len(others),
    )


def cases_of(gathered: Gathered) -> tuple[Case, ...]:
    """Make a case of each instance; what began after its complaint is left out of it."""
    steps: dict[str, list[Step]] = {}
    for step in gathered.steps:
        steps.setdefault(step.instance_id, []).append(step)
    return tuple(
        _case(one, steps.get(one.instance_id, ()), gathered.complained_at.get(one.instance_id), gathered.downtimes)
        for one in gathered.instances
    )


def is_complaint(one: Contribution) -> bool:
    """Tell whether a contribution makes its instance a negative one."""
    return one.assessed.negative and one.link.instance_id is not None and one.link.confidence >= SURE


def in_downtime(one: Instance, downtimes: Iterable[Downtime]) -> bool:
    """Tell whether an instance overlaps a downtime of its process and region; what did not begin or end is endless."""
    return any(
        down.region in {None, one.region}
        and (one.over_at is None or down.started_at < one.over_at)
        and (down.ended_at is None or one.started_at is None or down.ended_at > one.started_at)
        for down in downtimes
        if down.process == one.process
    )


def _in_cell(one: Contribution, asked: Compared) -> bool:
    placed = one.is_counted and (one.process, current(one.categorised.category, asked.renamed)) == (
        asked.process,
        asked.category,
    )
    return placed and asked.region in {None, one.feedback.region} and asked.since <= one.began_at < asked.until


def _ran(one: Instance, asked: Compared) -> bool:
    return (
        one.process == asked.process
        and asked.region in {None, one.region}
        and (one.started_at is None or one.started_at < asked.until)
        and (one.over_at is None or one.over_at > asked.ended_since)
    )


def _lot(instance_id: str) -> bytes:
    return sha256(instance_id.encode()).digest()


def _case(one: Instance, steps: Sequence[Step], complained_at: datetime | None, downtimes: Sequence[Downtime]) -> Case:
    known = [step for step in steps if complained_at is None or step.at <= complained_at]
    went = course(known)
    visits = (
        Visit(activity=done.name, team=done.team, started_at=done.begun_at, ended_at=done.ended_at)
        for done in went.path
        if done.begun_at is not None
    )
    return Case(
        instance_id=one.instance_id,
        negative=complained_at is not None,
        outage=in_downtime(one, downtimes),
        version=one.version,
        tier=one.tier,
        region=one.region,
        attributes={name: _written(value) for name, value in went.attributes.items() if value is not None},
        visits=tuple(sorted(visits, key=lambda visit: visit.started_at)),
        whole=len(known) == len(steps),
    )


def _written(value: Value) -> str:
    return f"{value}".lower() if isinstance(value, bool) else f"{value}"
