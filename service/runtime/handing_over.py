"""Open alerts whose team's time is over -> those of the team that answers for them by now, each in one transaction."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from service.core.pipeline.handover import heir
from service.core.pipeline.reassign import destination, hand_over
from service.core.pipeline.rounds import may_spend
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.words import AlertState
from service.ports import Saving, Store
from service.runtime.telling import outgoing


async def hand_over_due(
    store: Store, alerts: Sequence[Alert], until: datetime, rules: Rules
) -> Counter[tuple[str, str]]:
    """Hand over those of the alerts that are due for it by an instant; count the notices told by (team, reason).

    Each has a transaction of its own: the key that one moves to may be the one that the next moves from.
    """
    told: Counter[tuple[str, str]] = Counter()
    for alert in alerts:
        if alert.state is AlertState.OPEN and alert.handover_at is not None and alert.handover_at <= until:
            told += await _hand_over(store, alert, until, rules)
    return told


async def _hand_over(store: Store, alert: Alert, until: datetime, rules: Rules) -> Counter[tuple[str, str]]:
    facts, now = Facts(), alert.handover_at or until
    team = heir(alert, now, rules) or alert.team
    async with store.transaction() as transaction:
        await transaction.load_alerts(facts, sorted({alert.alert_key, destination(alert, team).alert_key}))
        await transaction.load_members(facts, {alert.alert_id})
        await transaction.load_budgets(facts, may_spend(facts, (team,), now, until, rules))
        hand_over(facts, alert.alert_id, now, rules)
        await transaction.save(
            Saving(facts=facts, digest=rules.digest, now=now, outgoing=outgoing(facts, (), now, rules))
        )
    return Counter((notice.team, notice.reason.value) for notice in facts.notices)
