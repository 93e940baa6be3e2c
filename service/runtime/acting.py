"""What a person asks of an alert -> one transaction: recall, lock, load, act, save with the outbox, remember."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from service.core.pipeline.act import Acted, ActOutcome, Asked, act
from service.core.pipeline.audited import of_alert
from service.core.pipeline.rounds import may_spend
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.ports import Answer, ConflictError, Keyed, Saving, StalePlaybookError, Store
from service.runtime.retry import pause
from service.runtime.rulebook import Rulebook
from service.runtime.telling import outgoing

T = TypeVar("T")
_MOST_TRIES = 5
_DONE = 200


async def stubbornly(rulebook: Rulebook, once: Callable[[], Awaitable[T]]) -> T:
    """Do a transaction by the rules that are active, from its first statement again where others stood in its way."""
    tries = 0
    while True:
        try:
            return await once()
        except StalePlaybookError as stale:
            await rulebook.turn_to(stale.digest)
        except ConflictError:
            tries += 1
            if tries == _MOST_TRIES:
                raise
            await asyncio.sleep(pause(tries))


class Acting:
    """Implements Actor by the rules that are active at that moment. `now` is the clock of decisions."""

    def __init__(self, store: Store, rulebook: Rulebook, now: Callable[[], Awaitable[datetime]]) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now

    async def rules(self) -> Rules:
        """Return the rules that are active now.

        Raises:
            OutOfReachError: the store, or the playbook, can not be had.
        """
        async with self._store.transaction() as transaction:
            active = await transaction.active_playbook()
        current = self._rulebook.rules
        return current if active in (None, current.digest) else await self._rulebook.turn_to(str(active))

    async def __call__(
        self, asked: Asked, alert_key: str, keyed: Keyed | None, body: Callable[[Alert], str]
    ) -> Acted | Answer:
        return await stubbornly(self._rulebook, lambda: self._once(asked, alert_key, keyed, body))

    async def _once(
        self, asked: Asked, alert_key: str, keyed: Keyed | None, body: Callable[[Alert], str]
    ) -> Acted | Answer:
        # Asked before the transaction, since a clock may need a connection of its own.
        rules, facts, now = self._rulebook.rules, Facts(), await self._now()
        async with self._store.transaction() as transaction:
            told = await transaction.recall(keyed.key) if keyed is not None else None
            if told is not None:
                return told
            active = await transaction.active_playbook()
            if active is not None and active != rules.digest:
                raise StalePlaybookError(active)
            keys = {alert_key} if asked.to is None else {alert_key, asked.to.alert_key}
            await transaction.load_alerts(facts, sorted(keys))
            if asked.to is not None:
                await transaction.load_members(facts, {asked.alert_id})
            to = () if asked.to is None else (asked.to.team,)
            await transaction.load_budgets(facts, may_spend(facts, to, now, now, rules))
            before = facts.alerts.get(asked.alert_id)
            acted = act(facts, asked, now, rules)
            if acted.outcome is not ActOutcome.DONE or acted.alert is None:
                return acted
            entry, news = of_alert(asked, before, acted.alert, now), outgoing(facts, (), now, rules)
            saving = Saving(facts=facts, digest=rules.digest, now=now, outgoing=news, audit=(entry,))
            await transaction.save(saving)
            if keyed is not None:
                answer = Answer(request=keyed.request, status=_DONE, body=body(acted.alert))
                await transaction.remember(keyed.key, answer)
        return acted
