"""An alert and who has not been told yet how it stands -> what the tools and employees behind it are told.

A person who resolves an alert and says what it was settles the matter for those who brought it up; if it opens again,
that is taken back. What ends by itself settles nothing, and no customer is ever written to.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from service.core.contracts.outcome import Answered, Outcome, OutcomeState
from service.core.contracts.outgoing import encode
from service.core.playbook.outreach import Outreach
from service.core.records.alerts import Alert, Disposed, ToldOutcome
from service.core.records.words import AlertState, Disposition

OUTCOMES_TOPIC = "feedback.outcomes"
ANSWERED_TOPIC = "feedback.answered"
SENTENCES: Mapping[Disposition, str] = {
    Disposition.ACTIONABLE: "{team} looked into what you said and acted on it.",
    Disposition.NOISE: "{team} looked into what you said and found nothing that needs to be changed.",
    Disposition.DUPLICATE: "{team} looked into what you said; it is dealt with together with another report of it.",
    Disposition.WRONG_TEAM: "{team} looked into what you said and found that it is for another team.",
}


class Contributor(Struct, frozen=True, kw_only=True):
    """A subject that counts in an alert, the event of it that holds, and whether an employee said it."""

    source: str
    subject: str
    event_id: str
    by_staff: bool


class Telling(Struct, frozen=True, kw_only=True):
    """What is told of an alert beside its rows: its title, its team as people read it, by which playbook and whom."""

    asked: Outreach
    title: str
    team: str
    playbook: str
    source: str


class Message(Struct, frozen=True, kw_only=True):
    """What leaves for a topic."""

    topic: str
    key: bytes
    value: bytes


def due(alert: Alert) -> OutcomeState | None:
    """Say what those behind an alert are to be told; None where they know, or nobody settled it."""
    told, said = alert.told_outcome, alert.disposed
    if alert.copy or alert.merged_into is not None:
        return None
    if alert.state is AlertState.OPEN:
        return OutcomeState.REOPENED if told is not None and told.times and told.of is not None else None
    if said is None or said.at != alert.resolved_at or (told is not None and told.of == said.at):
        return None
    return OutcomeState.RESOLVED


def marked(alert: Alert) -> Alert:
    """Return the alert once those behind it know how it stands."""
    times = 0 if alert.told_outcome is None else alert.told_outcome.times
    of = None if alert.disposed is None or alert.state is AlertState.OPEN else alert.disposed.at
    return replace(alert, told_outcome=ToldOutcome(times=times + 1, of=of))


def messages(alert: Alert, contributors: Iterable[Contributor], telling: Telling, now: datetime) -> Iterator[Message]:
    """Write what contributors are told of an alert that is `marked`, at `now`."""
    said = alert.disposed if alert.state is AlertState.RESOLVED else None
    for one in contributors:
        key = f"{one.source}\n{one.subject}".encode()
        if telling.asked.outcomes:
            value = encode(_outcome(alert, one, said, telling), source=telling.source, at=now)
            yield Message(topic=_topic(one.source, telling.asked), key=key, value=value)
        if telling.asked.employees and one.by_staff and said is not None:
            value = encode(_answered(alert, one, said, telling), source=telling.source, at=now)
            yield Message(topic=ANSWERED_TOPIC, key=key, value=value)


def _topic(source: str, asked: Outreach) -> str:
    prefix = max((one for one in asked.topics if source.startswith(one)), key=len, default=None)
    return OUTCOMES_TOPIC if prefix is None else asked.topics[prefix]


def _outcome(alert: Alert, one: Contributor, said: Disposed | None, telling: Telling) -> Outcome:
    return Outcome(
        idempotency_key=_key("outcome", alert, one),
        source=one.source,
        subject=one.subject,
        event_id=one.event_id,
        alert_id=alert.alert_id,
        revision=_times(alert),
        state=OutcomeState.REOPENED if said is None else OutcomeState.RESOLVED,
        disposition=None if said is None else said.disposition,
        resolved_at=None if said is None else said.at,
        kind=alert.kind,
        team=alert.team,
        category=alert.category,
        process=alert.process,
        action=None if said is None else _action(alert),
        playbook=telling.playbook,
    )


def _answered(alert: Alert, one: Contributor, said: Disposed, telling: Telling) -> Answered:
    return Answered(
        idempotency_key=_key("answered", alert, one),
        source=one.source,
        subject=one.subject,
        event_id=one.event_id,
        alert_id=alert.alert_id,
        disposition=said.disposition,
        resolved_at=said.at,
        team=alert.team,
        category=alert.category,
        process=alert.process,
        title=telling.title,
        text=SENTENCES[said.disposition].format(team=telling.team),
        action=_action(alert),
        playbook=telling.playbook,
    )


def _action(alert: Alert) -> str | None:
    return None if alert.follow_up is None else alert.follow_up.action.text


def _times(alert: Alert) -> int:
    return 0 if alert.told_outcome is None else alert.told_outcome.times


def _key(what: str, alert: Alert, one: Contributor) -> str:
    name = sha256(f"{one.source}\n{one.subject}".encode()).hexdigest()[:32]
    return f"{what}:{alert.alert_id}:{_times(alert)}:{name}"
