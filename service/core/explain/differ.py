"""What was computed of a feedback -> what would have had to differ for another verdict, owner, alert or time.

Every other owner that is named was found by routing the feedback anew with that one field changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.core.describe import instant
from service.core.explain.again import Again
from service.core.explain.document import Applies, Muted, OwnerIf, Standing, TimersTold
from service.core.explain.timing import running
from service.core.explain.walk import Step, unmet
from service.core.pipeline.rules import Rules
from service.core.playbook.conditions import Held
from service.core.playbook.fields import ATTRIBUTES
from service.core.playbook.model import OWNER
from service.core.records.alerts import Alert
from service.core.records.decisions import Contribution
from service.core.records.words import UNMAPPED, AlertState, SentimentSource, Severity
from service.core.route import route
from service.core.span import in_words

MOST_OWNERS = 5
_BANDS = {Severity.LOW: 15, Severity.MEDIUM: 30, Severity.HIGH: 60, Severity.CRITICAL: 80}


def verdict_differs(one: Contribution, found: Again, standing: Standing, rules: Rules) -> tuple[str, ...]:
    """Name the nearest changes of the event that would have changed what it calls for."""
    severity, fatigue = rules.playbook.severity, rules.playbook.fatigue
    score = found.assessed.score
    said: list[str] = []
    if not found.assessed.negative:
        said.append(f"the score's negativity were above {severity.negative_above:g}")
        if one.signals.negativity is None:
            said.append(_negative_text(one, severity.negative_text_from))
    elif standing is Standing.BELOW_FLOOR:
        floor = rules.floor(found.routed.owner.route)
        said.append(f"its severity score were {_BANDS[floor]} or more (it is {score:g})")
    conflict = found.assessed.conflict
    if conflict is not None and found.assessed.override is None and score >= _BANDS[Severity.HIGH]:
        heard = conflict.value
        said.append(f"its score and its text ({heard}) did not contradict each other, which holds it at medium")
    above = next((band for band in _BANDS if _BANDS[band] > score), None)
    if above is not None:
        said.append(f"its severity score were {_BANDS[above]} or more, which is {above.value} (it is {score:g})")
    if standing is Standing.TOO_OLD:
        said.append(f"it had come within {in_words(fatigue.stale_after)} of its time")
    if one.categorised.category == UNMAPPED:
        said.append("its text held a keyword, or its labels named a label, of a category")
    return tuple(said)


def owner_differs(found: Again, steps: list[Step], rules: Rules) -> tuple[OwnerIf, ...]:
    """Name the nearest other routes: those that one value would have opened, then those that a condition kept shut."""
    said: list[OwnerIf] = []
    for name, value in dict.fromkeys(_one_off(found, steps, rules)):
        if len(said) == MOST_OWNERS:
            break
        owner = route(_with(found.facts, name, value), rules.routes, rules.holds, found.at).owner
        if (owner.route, owner.team) != (found.routed.owner.route, found.routed.owner.team):
            text = f"its {name} were {value or 'not known'}: {owner.route} would send it to {owner.team}"
            said.append(OwnerIf(field=name, value=value, route=owner.route, team=owner.team, said=text))
    for step in steps:
        if step.held is Held.NO and len(said) < MOST_OWNERS:
            condition = str(step.node.when)
            text = f"the condition of {step.node.id} held: {condition}"
            said.append(OwnerIf(field="when", value=condition, route=step.node.id, team=step.node.team, said=text))
    return tuple(said)


def alert_differs(found: Again, alert: Alert | None) -> tuple[str, ...]:
    """Say what makes it share an alert, or, where it sits in one of another key, what would give it that key."""
    target = found.routed.owner
    if alert is not None and alert.alert_key != target.alert_key:
        apart = [
            f"{name} were {alert.fields.get(name) or 'not known'} (it is {target.fields.get(name) or 'not known'})"
            for name in dict.fromkeys((*alert.fields, *target.fields))
            if alert.fields.get(name) != target.fields.get(name)
        ]
        if alert.team_in_key and target.team_in_key and alert.team != target.team:
            apart.append(f"its team were {alert.team} (it is {target.team})")
        return (f"its own key were that of the alert it is in: {' and '.join(apart)}",) if apart else ()
    said = [f"its {name} were not {value or 'unknown'}: another alert" for name, value in target.fields.items()]
    if target.team_in_key:
        said.append(f"its team were not {target.team}: another alert")
    return tuple(said)


def sooner(alert: Alert | None, timers: TimersTold, muted: Sequence[Muted]) -> tuple[str, ...]:
    """Say what would have the team told before, or told again."""
    if alert is None or alert.state is not AlertState.OPEN:
        return ()
    told, (applies, due_at) = alert.announced, running(alert)
    calm = alert.severity is not Severity.CRITICAL
    said = [f"what holds it back were over: {one.why}" for one in muted]
    if calm and (muted or applies in (Applies.WAIT, Applies.INTERVAL, Applies.DIGEST) or told is not None):
        said.append("its severity were critical, which waits for nothing")
    if applies is Applies.WAIT:
        said.append(f"the wait of {timers.wait.said} were over, at {instant(due_at)}")
    elif applies is Applies.INTERVAL:
        said.append(f"the interval of {timers.interval.said} since the last notice were over, at {instant(due_at)}")
    elif applies is Applies.DIGEST:
        said.append(f"the hour of the digest had come, {instant(due_at)}")
    elif told is not None:
        if calm and told.severity.rank + 1 < Severity.CRITICAL.rank:
            said.append(f"its severity were above {told.severity.value}")
        said.append(f"it had {max(2, 2 * told.customers)} customers (it has {alert.customers})")
        if alert.repeat_at is not None:
            said.append(f"the next reminder were due, at {instant(alert.repeat_at)}")
    return tuple(said)


def _negative_text(one: Contribution, bound: float) -> str:
    """Say by how much the source that heard its text, or the first that could, would have had to hear it as bad."""
    match one.signals.text_source:
        case SentimentSource.MODEL:
            return f"the severity that the model hears in its text were {100 * bound:g} or more"
        case SentimentSource.LEXICON:
            return f"the sentiment that the lexicon finds in its text were {round(1 - 2 * bound, 6):g} or less"
        case _:
            return f"the text's share of negative words were {bound:g} or more"


def _one_off(found: Again, steps: list[Step], rules: Rules) -> Iterator[tuple[str, str]]:
    """Yield the fields, each with a value, whose change meets a matcher that fails by this field alone."""
    for step in steps:
        if len(step.unmet) == 1:
            (name,) = step.unmet
            yield from ((name, value) for value in step.node.match[name][:1])
    if any(step.matched and step.node.team == OWNER for step in steps):
        for team in rules.playbook.teams:
            for claim in team.owns:
                missing = unmet(claim.match, found.facts)
                if len(missing) == 1 and claim.holds(found.at):
                    yield from ((missing[0], value) for value in claim.match[missing[0]][:1])


def _with(facts: Mapping[str, Any], name: str, value: str) -> dict[str, Any]:
    if name.startswith(ATTRIBUTES):
        return {**facts, "attributes": {**facts["attributes"], name.removeprefix(ATTRIBUTES): value}}
    return {**facts, name: value, **({"categories": (value,)} if name == "category" else {})}
