"""What a person asks of a join -> one transaction: lock, load, decide, settle what waits, save with the outbox."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from service.core.pipeline.audited import of_parting
from service.core.pipeline.parting import Parted, Parting, PartingOutcome, part, parting_needs
from service.core.pipeline.rounds import may_spend
from service.core.pipeline.settle import gates, owners, settle
from service.ports import Saving, StalePlaybookError, Store
from service.runtime.acting import stubbornly
from service.runtime.rulebook import Rulebook
from service.runtime.telling import outgoing


class PartingActs:
    """Implements Parter by the rules that are active at that moment."""

    def __init__(self, store: Store, rulebook: Rulebook, now: Callable[[], Awaitable[datetime]]) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now

    async def __call__(self, asked: Parting) -> Parted:
        return await stubbornly(self._rulebook, lambda: self._once(asked))

    async def _once(self, asked: Parting) -> Parted:
        # Asked before the transaction, since a clock may need a connection of its own.
        rules, now = self._rulebook.rules, await self._now()
        async with self._store.transaction() as transaction:
            active = await transaction.active_playbook()
            if active is not None and active != rules.digest:
                raise StalePlaybookError(active)
            if rules.identity is None:
                return Parted(outcome=PartingOutcome.NOT_ASKED_FOR)
            facts = await transaction.load(parting_needs(asked, rules))
            parted = part(asked, facts, now, rules)
            if parted.judged is None or parted.split is None:
                return parted
            judged = [parted.judged]
            await transaction.load_alerts(facts, gates(judged, rules))
            await transaction.load_budgets(facts, may_spend(facts, owners(judged, rules), now, now, rules))
            settle(judged, facts, rules)
            entry, told = of_parting(asked, parted.split, now), outgoing(facts, (), now, rules)
            saving = Saving(facts=facts, digest=rules.digest, now=now, outgoing=told, audit=(entry,))
            await transaction.save(saving)
        return parted
