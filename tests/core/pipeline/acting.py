"""What a team does to the one alert of a timeline."""

from service.core.pipeline.act import Asked, Deed, act
from service.core.records.facts import Facts
from service.ports import Saving
from tests.builders import Timeline, finish


def do(timeline: Timeline, deed: Deed, kind: str = "") -> None:
    """Let the team do something to its one alert, or its one alert of a kind, now."""

    async def doing() -> None:
        (alert,) = (one for one in timeline.store.rows.alerts.values() if kind in ("", one.kind.value))
        facts = Facts()
        async with timeline.store.transaction() as transaction:
            await transaction.load_alerts(facts, [alert.alert_key])
            asked = Asked(alert_id=alert.alert_id, deed=deed, revision=alert.revision, by="kim")
            act(facts, asked, timeline.now, timeline.rules)
            await transaction.save(Saving(facts=facts, digest=timeline.rules.digest, now=timeline.now))

    finish(doing())
