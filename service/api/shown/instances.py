"""What is kept of a process instance -> the document that clients read. Times are in UTC, durations in seconds."""

from collections.abc import Mapping

from service.api.shown.answer import Shown, Utc
from service.core.course import Activity, course
from service.core.records.decisions import Contribution
from service.core.records.feedback import Instance
from service.core.records.steps import Step
from service.core.records.words import InstanceState, Lifecycle, LinkMethod, Severity
from service.ports import Known

MOST_ATTRIBUTES = 200


class InstanceShown(Shown):
    """The folded row: its keys, and its customer as a pseudonym. `updated_at` is when it was told of last."""

    instance_id: str
    process: str
    keys: tuple[str, ...]
    customer: str | None
    tier: str | None
    region: str | None
    version: str | None
    started_at: Utc | None
    ended_at: Utc | None
    completed_at: Utc | None
    updated_at: Utc


class StepShown(Shown):
    """One step that holds: when it happened, and when that was told. `activity` None: the instance as a whole."""

    at: Utc
    told_at: Utc
    source: str
    event_id: str
    step: str
    activity: str | None
    lifecycle: Lifecycle
    team: str | None


class ActivityShown(Shown):
    """One time that an activity was done; None where its start, or its end, was not told."""

    activity: str
    started_at: Utc | None
    ended_at: Utc | None
    ended_by: Lifecycle | None
    team: str | None


class LoopShown(Shown):
    """An activity that was done more than once."""

    activity: str
    times: int


class HandoffShown(Shown):
    """Where work went from one team to another, with which activity."""

    at: Utc
    from_team: str
    to_team: str
    activity: str


class PauseShown(Shown):
    """For how many seconds nothing was done between one activity and the next."""

    after: str
    before: str
    seconds: float


class CourseShown(Shown):
    """How the instance went, by the latest of its steps; `steps_total` counts all that hold.

    Of the merged attributes the first 200 by name are shown; `attributes_total` counts all.
    """

    state: InstanceState
    path: tuple[ActivityShown, ...]
    loops: tuple[LoopShown, ...]
    handoffs: tuple[HandoffShown, ...]
    pauses: tuple[PauseShown, ...]
    attributes: Mapping[str, str | bool | int | float | None]
    attributes_total: int
    steps: tuple[StepShown, ...]
    steps_total: int


class LinkedShown(Shown):
    """A response, a ticket or a remark that is linked to the instance; `excerpt` is redacted.

    `method` and `confidence` say by which step of the ladder, and how sure that is. `began_at` is when its subject was
    first heard of.
    """

    source: str
    subject: str
    event_id: str
    began_at: Utc
    occurred_at: Utc
    category: str
    severity: Severity
    negative: bool
    done: bool
    method: LinkMethod
    confidence: float
    alert_id: str | None
    excerpt: str


class InstanceKnownShown(Shown):
    """An instance, its course, and the feedback linked to it, the latest first; `linked_total` counts all of that."""

    instance: InstanceShown
    course: CourseShown
    linked: tuple[LinkedShown, ...]
    linked_total: int


def show_known(known: Known) -> InstanceKnownShown:
    return InstanceKnownShown(
        instance=_instance(known.instance),
        course=_course(known),
        linked=tuple(_linked(one) for one in known.linked),
        linked_total=known.linked_total,
    )


def _instance(one: Instance) -> InstanceShown:
    return InstanceShown(
        instance_id=one.instance_id,
        process=one.process,
        keys=one.keys,
        customer=one.customer,
        tier=one.tier,
        region=one.region,
        version=one.version,
        started_at=one.started_at,
        ended_at=one.ended_at,
        completed_at=one.completed_at,
        updated_at=one.updated_at,
    )


def _course(known: Known) -> CourseShown:
    went = course(known.steps)
    return CourseShown(
        state=went.state,
        path=tuple(_activity(one) for one in went.path),
        loops=tuple(LoopShown(activity=one.activity, times=one.times) for one in went.loops),
        handoffs=tuple(
            HandoffShown(at=one.at, from_team=one.giver, to_team=one.taker, activity=one.activity)
            for one in went.handoffs
        ),
        pauses=tuple(
            PauseShown(after=one.after, before=one.before, seconds=one.lasted.total_seconds()) for one in went.pauses
        ),
        attributes=dict(sorted(went.attributes.items())[:MOST_ATTRIBUTES]),
        attributes_total=len(went.attributes),
        steps=tuple(_step(one) for one in went.steps),
        steps_total=known.steps_total,
    )


def _step(one: Step) -> StepShown:
    return StepShown(
        at=one.at,
        told_at=one.told_at,
        source=one.source,
        event_id=one.event_id,
        step=one.name,
        activity=one.activity,
        lifecycle=one.lifecycle,
        team=one.team,
    )


def _activity(one: Activity) -> ActivityShown:
    return ActivityShown(
        activity=one.name, started_at=one.started_at, ended_at=one.ended_at, ended_by=one.ended_by, team=one.team
    )


def _linked(one: Contribution) -> LinkedShown:
    feedback = one.feedback
    return LinkedShown(
        source=feedback.source,
        subject=feedback.subject,
        event_id=feedback.event_id,
        began_at=one.began_at,
        occurred_at=feedback.occurred_at,
        category=one.categorised.category,
        severity=one.assessed.severity,
        negative=one.assessed.negative,
        done=one.is_done,
        method=one.link.method,
        confidence=one.link.confidence,
        alert_id=one.alert_id,
        excerpt=feedback.text,
    )
