"""Explanations of an alert and of a feedback in it -> "why this" and "why me", as sentences that a team reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.api.routes.alerts import WhyShown
from service.api.shown import AlertShown
from service.console.views.wording import count, percent, sentence, words
from service.core.explain import Why
from service.core.records.words import NoticeReason, Wait

_WAITS: Mapping[Wait, str] = {
    Wait.NOTHING_NEW: "nothing is new since the team was last told",
    Wait.WITHIN_WAIT: "it gathers what belongs together before it tells",
    Wait.WITHIN_INTERVAL: "the team was told lately, and waits for the interval to pass",
    Wait.ACKNOWLEDGED: "somebody has it in hand",
    Wait.NEVER_ANNOUNCED: "its team was never told of it, so its end is not told either",
    Wait.REPEATS_SPENT: "the reminders are used up",
    Wait.UNTIL_DIGEST: "it waits for the daily digest",
    Wait.FLAPPING: "it opens and closes too often to tell of each",
    Wait.INHIBITED: "an open review holds it back",
    Wait.SILENCED: "a silence holds it back",
    Wait.SNOOZED: "somebody has put it aside",
    Wait.QUIET_HOURS: "it is outside the team's hours",
    Wait.OVER_BUDGET: "the team's budget of interruptions is used up",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Each a list of sentences; `differ` are what would have had to be otherwise."""

    this: tuple[str, ...]
    me: tuple[str, ...]
    now: tuple[str, ...]
    differ: tuple[str, ...]


def reasons(alert: AlertShown, why: WhyShown, example: Why | None, labels: Mapping[str, str]) -> Reasons:
    """Put it in words; `example` explains one feedback of the alert, and is None where it holds none.

    `labels` is what categories are called.
    """
    return Reasons(
        this=tuple(_this(alert, example, labels)),
        me=tuple(_me(why, example)),
        now=tuple(_now(why)),
        differ=tuple(_differ(example)),
    )


def _this(alert: AlertShown, example: Why | None, labels: Mapping[str, str]) -> Sequence[str]:
    found = [_said(alert.evidence)] if _said(alert.evidence) else []
    worst = alert.counts.by_severity.get(alert.severity, 0)
    if worst:
        verb = "is" if worst == 1 else "are"
        found.append(f"It is {alert.severity.value}, since {count(worst, 'feedback')} in it {verb}.")
    if example is not None:
        category, severity = example.category, example.severity
        by = f" by {', '.join(category.matched)}" if category.matched else ""
        filed, sure = labels.get(category.category, category.category), percent(category.confidence)
        found.append(f"One feedback in it is filed under {filed} ({words(category.method)}{by}; {sure} sure).")
        parts = ", ".join(f"{words(name)} {points:g}" for name, points in severity.parts.items() if points)
        of = f", of {parts}" if parts else ""
        found.append(f"That one is {severity.severity.value}: {severity.score:.0f} of 100{of}.")
        if severity.override is not None:
            found.append(f"The rule {severity.override} set the severity, whatever the sum is.")
    return found


def _said(evidence: Mapping[str, object]) -> str:
    said = evidence.get("says")
    return said if isinstance(said, str) else ""


def _me(why: WhyShown, example: Why | None) -> Sequence[str]:
    found = [f"The route {why.route} gives it to this team."]
    if example is not None:
        owner = example.routes.owner
        found = [f"{sentence(owner.said)}."] if owner.route == why.route else found
        found += [f"{claim.team} owns {_listed(claim.owns)}." for claim in owner.candidates]
        found += [f"{copy.team} has a copy, by the route {copy.route}." for copy in example.routes.copies]
    gathered = ", ".join(f"{words(name)} {value}" for name, value in why.key.fields.items())
    return [*found, f"All feedback with {gathered} comes together here." if gathered else "It has a key of its own."]


def _now(why: WhyShown) -> Sequence[str]:
    said = why.next.now
    if isinstance(said, NoticeReason):
        found = [f"Looked at now, it would be told: {words(said)}."]
    else:
        found = [f"Nothing is told now, since {_WAITS[said]}."]
    for name, timer in (("wait", why.timers.wait), ("interval", why.timers.interval)):
        found.append(f"The {name} is {timer.said}, set by {timer.set_by}.")
    return [*found, *(f"{sentence(one.why)}." for one in why.muted)]


def _differ(example: Why | None) -> Sequence[str]:
    if example is None:
        return ()
    told = example.would_differ_if
    owners = (f"{one.said} (then {one.team or 'the owner'}, by {one.route})" for one in told.owner)
    return [*told.verdict, *told.category, *owners, *told.alert]


def _listed(owns: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in owns.items())
