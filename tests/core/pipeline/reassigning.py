"""What a person does to give an alert of a timeline to another team."""

from service.core.pipeline.act import Acted, Asked, Deed, act
from service.core.pipeline.reassign import destination
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertState
from service.ports import Saving
from tests.builders import Timeline, finish


def give(timeline: Timeline, alert: Alert, team: str, reason: str | None = None) -> Acted:
    """Let ana give an alert to a team now, having seen its last notice."""

    async def giving() -> Acted:
        facts, to = Facts(), destination(alert, team)
        revision = timeline.store.rows.alerts[alert.alert_id].revision
        asked = Asked(alert_id=alert.alert_id, deed=Deed.REASSIGN, revision=revision, by="ana", text=reason, to=to)
        async with timeline.store.transaction() as transaction:
            await transaction.load_alerts(facts, sorted({alert.alert_key, to.alert_key}))
            await transaction.load_members(facts, {alert.alert_id})
            acted = act(facts, asked, timeline.now, timeline.rules)
            await transaction.save(Saving(facts=facts, digest=timeline.rules.digest, now=timeline.now))
        return acted

    return finish(giving())


def standing(timeline: Timeline) -> list[tuple[str, str, str, list[str]]]:
    """Say of each alert, in the order of opening, whose it is, its state, its category, and whom it holds."""
    rows = timeline.store.rows
    return [
        (
            alert.team,
            alert.state.value,
            alert.category,
            sorted(one.event_id for one in rows.members.values() if one.alert_id == alert.alert_id),
        )
        for alert in sorted(rows.alerts.values(), key=lambda one: (one.opened_at, one.alert_id))
    ]


def open_of(timeline: Timeline, team: str) -> Alert:
    """Return the one open alert of a team."""
    (alert,) = (one for one in timeline.store.rows.alerts.values() if one.state is AlertState.OPEN and one.team == team)
    return alert
