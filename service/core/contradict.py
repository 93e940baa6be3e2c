"""What was measured of a process and what was heard of it -> whether the two contradict each other, and why.

Its times are green or red where a whole interval lies on one side of the goal, its feedback where reviews are open, or
where none was for weeks in which enough was heard. Refuses to call either on less: undecided is an answer.
"""

from datetime import timedelta

from msgspec import Struct

from service.core import span
from service.core.intervals import Estimate, share
from service.core.playbook.model import Contradictions
from service.core.records.words import Contradiction, FeedbackReason, Light, SlaReason


class Flow(Struct, frozen=True, kw_only=True):
    """What a store knows of one process in a span of days.

    `completed` instances began in time to be measured, `inside` of them were completed within the sla of their start.
    `feedback` began, good and bad, each response or ticket once; `reviewed` says that a review of it was written.
    """

    completed: int = 0
    inside: int = 0
    feedback: int = 0
    reviewed: bool = False


class Compared(Struct, frozen=True, kw_only=True):
    """Both sides of one process; `within` is None without a completed instance.

    `reviews` are open. `contradiction` is None where the sides agree, or where one of them is undecided.
    """

    flow: Flow
    reviews: int
    within: Estimate | None
    sla: Light
    sla_reason: SlaReason
    feedback: Light
    feedback_reason: FeedbackReason
    contradiction: Contradiction | None


def compare(flow: Flow, reviews: int, limits: Contradictions, *, reviewed: bool) -> Compared:
    """Hold one side against the other; `reviewed` says that an episode was open at this very tick."""
    within = share(flow.inside, flow.completed) if flow.completed else None
    sla, sla_reason = _measured(flow, within, limits)
    feedback, feedback_reason = _heard(flow, reviews, limits, reviewed=reviewed)
    contradiction = None
    if (sla, feedback) == (Light.GREEN, Light.RED):
        contradiction = Contradiction.KEPT_BUT_COMPLAINTS
    if (sla, feedback) == (Light.RED, Light.GREEN):
        contradiction = Contradiction.MISSED_BUT_QUIET
    return Compared(
        flow=flow,
        reviews=reviews,
        within=within,
        sla=sla,
        sla_reason=sla_reason,
        feedback=feedback,
        feedback_reason=feedback_reason,
        contradiction=contradiction,
    )


def in_words(compared: Compared, sla: timedelta) -> str:
    """Say what contradicts what in one sentence; percentages are rounded down, so that 100 means all."""
    flow = compared.flow
    percent = 100 * flow.inside // flow.completed if flow.completed else 0
    inside = f"{percent} % of {flow.completed} completed instances were inside {span.in_words(sla)}"
    if compared.contradiction is Contradiction.MISSED_BUT_QUIET:
        return (
            f"Only {inside}, while {flow.feedback} feedback{'' if flow.feedback == 1 else 's'} called for nothing: "
            "what is measured may not be what customers feel."
        )
    open_ones = (
        "1 review of its feedback is open"
        if compared.reviews == 1
        else f"{compared.reviews} reviews of its feedback are open"
    )
    return f"{inside}, while {open_ones}."


def _measured(flow: Flow, within: Estimate | None, limits: Contradictions) -> tuple[Light, SlaReason]:
    if within is None or flow.completed < limits.min_completed:
        return Light.UNDECIDED, SlaReason.FEW_COMPLETED
    if within.low >= limits.inside:
        return Light.GREEN, SlaReason.KEPT
    if within.high < limits.inside:
        return Light.RED, SlaReason.MISSED
    return Light.UNDECIDED, SlaReason.TOO_CLOSE


def _heard(flow: Flow, reviews: int, limits: Contradictions, *, reviewed: bool) -> tuple[Light, FeedbackReason]:
    if reviews:
        return Light.RED, FeedbackReason.REVIEW_OPEN
    if reviewed or flow.reviewed:
        return Light.UNDECIDED, FeedbackReason.REVIEW_LATELY
    if flow.feedback < limits.min_feedback:
        return Light.UNDECIDED, FeedbackReason.FEW_FEEDBACKS
    return Light.GREEN, FeedbackReason.NOTHING_CALLED_FOR
