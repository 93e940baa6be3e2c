"""What people, and what holds it back, have done to an alert -> what is shown of that."""

from collections.abc import Mapping

from service.api.shown.answer import Shown, Utc
from service.core.describe import held_back
from service.core.records.alerts import Alert, Assigned, Disputed
from service.core.records.handling import Act, Claim, Snooze
from service.core.records.muting import Held
from service.core.records.words import (
    Deed,
    Disposition,
    Wait,
)


class DispositionShown(Shown):
    """What a person said of the alert on resolving it last; maybe which one it repeats, or whose it is."""

    disposition: Disposition
    by: str
    at: Utc
    duplicate_of: str | None
    team: str | None


class DisputedShown(Shown):
    """Whose the alert is said to be, by whom and why."""

    team: str
    by: str
    at: Utc
    reason: str | None


class AssignedShown(Shown):
    """Since when the alert is not with one of the teams `taken_from`, which its routes name; `by` None: by a date."""

    at: Utc
    by: str | None
    reason: str | None
    taken_from: tuple[str, ...]


class HeldBackShown(Shown):
    """What keeps, or kept, the news of an alert back, since when, and how much has come meanwhile.

    `by` names the review's alert or the silence, the calendar, or the time whose budget is spent.
    """

    why: Wait
    by: str | None
    since: Utc
    events: int
    customers: int


class HeldShown(HeldBackShown):
    """`until` is when the team is told at the latest; None where that is when what holds it back ends."""

    until: Utc | None


class ClaimShown(Shown):
    """Who works on the alert, and until when others are kept from it unless they insist."""

    by: str
    since: Utc
    until: Utc


class SnoozeShown(Shown):
    """Who put the alert aside, and when it comes back."""

    by: str
    since: Utc
    until: Utc


class ActShown(Shown):
    """One thing that a person did to an alert. `text` is what they wrote, redacted; None too once it was forgotten.

    `said` has what else they named: `team`, `until`, `disposition`, `duplicate_of`, and whose claim they passed over
    (`claim_of`).
    """

    number: int
    at: Utc
    deed: Deed
    by: str
    text: str | None
    said: Mapping[str, str]


def show_claim(claim: Claim | None) -> ClaimShown | None:
    return None if claim is None else ClaimShown(by=claim.by, since=claim.at, until=claim.until)


def show_snooze(snooze: Snooze | None) -> SnoozeShown | None:
    return None if snooze is None else SnoozeShown(by=snooze.by, since=snooze.at, until=snooze.until)


def show_act(act: Act) -> ActShown:
    return ActShown(number=act.number, at=act.at, deed=act.deed, by=act.by, text=act.text, said=dict(act.said))


def show_disposition(alert: Alert) -> DispositionShown | None:
    said = alert.disposed
    if said is None:
        return None
    return DispositionShown(
        disposition=said.disposition, by=said.by, at=said.at, duplicate_of=said.duplicate_of, team=said.team
    )


def show_disputed(said: Disputed | None) -> DisputedShown | None:
    return None if said is None else DisputedShown(team=said.team, by=said.by, at=said.at, reason=said.reason)


def show_assigned(given: Assigned | None) -> AssignedShown | None:
    if given is None:
        return None
    return AssignedShown(at=given.at, by=given.by, reason=given.reason, taken_from=given.teams)


def show_held(held: Held | None, alert: Alert) -> HeldShown | None:
    shown = held_back(held, alert)
    if held is None or shown is None:
        return None
    return HeldShown.model_validate({**shown, "until": held.until})
