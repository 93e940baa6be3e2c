"""What a person says that a feedback is about -> one transaction: recall, lock, load, file, settle, save, remember."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime

from msgspec.structs import replace

from service.core.pipeline import at_risk
from service.core.pipeline.audited import of_refiling
from service.core.pipeline.refiling import RefiledNow, Refiling, RefilingOutcome, refile, refiling_needs
from service.core.pipeline.rounds import may_spend
from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import gates, owners, settle
from service.core.records.corrections import Correction
from service.ports import Answer, Keyed, Saving, StalePlaybookError, Store, Transaction
from service.runtime.acting import stubbornly
from service.runtime.rulebook import Rulebook
from service.runtime.telling import outgoing

_DONE = 200


def nobody_counts(_correction: Correction) -> None:
    """Do nothing with a correction that was made."""


class RefilingActs:
    """Implements Refiler by the rules that are active at that moment. `counted` hears of each correction made."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        now: Callable[[], Awaitable[datetime]],
        counted: Callable[[Correction], None] = nobody_counts,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now
        self._counted = counted

    async def __call__(
        self, asked: Refiling, keyed: Keyed | None, body: Callable[[RefiledNow], str]
    ) -> RefiledNow | Answer:
        told = await stubbornly(self._rulebook, lambda: self._once(asked, keyed, body))
        match told:
            case RefiledNow(correction=Correction() as made, judged=judged) if judged is not None and made.stands:
                self._counted(made)
        return told

    async def _once(
        self, asked: Refiling, keyed: Keyed | None, body: Callable[[RefiledNow], str]
    ) -> RefiledNow | Answer:
        # Asked before the transaction, since a clock may need a connection of its own.
        rules, now = self._rulebook.rules, await self._now()
        async with self._store.transaction() as transaction:
            told = await transaction.recall(keyed.key) if keyed is not None else None
            if told is not None:
                return told
            done = await refile_within(transaction, asked, now, rules)
            if keyed is not None and done.outcome is RefilingOutcome.DONE:
                await transaction.remember(keyed.key, Answer(request=keyed.request, status=_DONE, body=body(done)))
        return done


async def refile_within(transaction: Transaction, asked: Refiling, now: datetime, rules: Rules) -> RefiledNow:
    """Do it by these rules, and save what follows from it.

    Raises:
        StalePlaybookError: another playbook is active.
    """
    active = await transaction.active_playbook()
    if active is not None and active != rules.digest:
        raise StalePlaybookError(active)
    facts = await transaction.load(refiling_needs(asked, rules))
    await transaction.load_corrections(facts, asked.source, asked.subject)
    done = refile(asked, facts, now, rules)
    if done.judged is not None:
        judged = [done.judged]
        of_cases = at_risk.gates(judged, facts, rules)
        await transaction.load_alerts(facts, (*gates(judged, rules), *of_cases))
        teams = {team.id for team in rules.playbook.teams} if of_cases else owners(judged, rules)
        await transaction.load_budgets(facts, may_spend(facts, teams, now, now, rules))
        settle(judged, facts, rules)
        at_risk.follow(judged, facts, rules)
        if done.contribution is not None:
            done = replace(done, contribution=facts.contributions[done.contribution.key])
    if facts.corrections.written:
        team = None if done.contribution is None else done.contribution.routed.owner.team
        entries = () if done.correction is None else (of_refiling(asked, done.correction, team, now),)
        told = outgoing(facts, (), now, rules)
        saving = Saving(facts=facts, digest=rules.digest, now=now, outgoing=told, audit=entries)
        await transaction.save(saving)
    return replace(done, notices=Counter((notice.team, notice.reason.value) for notice in facts.notices))
