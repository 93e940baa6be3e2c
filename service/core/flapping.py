"""The states that an alert had after its last records -> whether it flaps, and since when it is calm again.

The course is looked at by records, not by time, as Kibana does by runs; calm is a matter of time, since an alert that
nobody touches has no runs.
"""

from datetime import datetime

from msgspec.structs import replace

from service.core.playbook.attention import Flapping
from service.core.records.alerts import Alert
from service.core.records.muting import Flap
from service.core.records.words import AlertState, Wait

_MARKS = {AlertState.OPEN: "o", AlertState.RESOLVED: "r"}


def observe(alert: Alert, state: AlertState, now: datetime, rules: Flapping | None) -> Alert:
    """Remember the state in which a record leaves an alert at `now`, and begin to flap if it changed too often.

    What flaps has `calm` before it from each change of its state on.
    """
    if rules is None:
        return alert
    before, mark = alert.course, _MARKS[state]
    course = (before + mark)[-rules.look_back :]
    flap = alert.flap
    if flap is not None and not flap.over:
        if before[-1:] != mark:
            flap = replace(flap, calm_at=now + rules.calm)
        return replace(alert, course=course, flap=flap)
    changes = course.count("or") + course.count("ro")
    if before[-1:] != mark and changes >= rules.changes:
        flap = Flap(since=now, calm_at=now + rules.calm)
    return replace(alert, course=course, flap=flap)


def calm(alert: Alert) -> Alert:
    """End the flapping of an alert; what is said of it next tells so."""
    flap = None if alert.flap is None or not alert.flap.told else replace(alert.flap, over=True)
    held = None if alert.held is not None and alert.held.why is Wait.FLAPPING else alert.held
    return replace(alert, flap=flap, held=held, course=_MARKS[alert.state])
