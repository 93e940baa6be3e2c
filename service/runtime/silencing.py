"""What a person asks about a silence -> one transaction: recall, lock, count what it hides, decide, save, remember."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from service.core.pipeline.audited import of_silence
from service.core.pipeline.silencing import AskedSilence, Lifting, Silenced, SilenceOutcome, Wished, decide_silence
from service.core.records.facts import Facts
from service.core.records.muting import LATELY, Silence
from service.ports import Answer, Keyed, Saving, StalePlaybookError, Store
from service.runtime.acting import stubbornly
from service.runtime.due import nobody_hears
from service.runtime.rulebook import Rulebook


class Silencing:
    """Implements Silencer by the rules that are active at that moment. `ended` hears of what was lifted."""

    def __init__(
        self,
        store: Store,
        rulebook: Rulebook,
        now: Callable[[], Awaitable[datetime]],
        ended: Callable[[Silence], None] = nobody_hears,
    ) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now
        self._ended = ended

    async def __call__(
        self, asked: AskedSilence, keyed: Keyed | None, body: Callable[[Silence], str], status: int
    ) -> Silenced | Answer:
        told = await stubbornly(self._rulebook, lambda: self._once(asked, keyed, body, status))
        match asked, told:
            case Lifting(), Silenced(outcome=SilenceOutcome.DONE, silence=lifted) if lifted is not None:
                self._ended(lifted)
        return told

    async def _once(
        self, asked: AskedSilence, keyed: Keyed | None, body: Callable[[Silence], str], status: int
    ) -> Silenced | Answer:
        # Asked before the transaction, since a clock may need a connection of its own.
        rules, facts, now = self._rulebook.rules, Facts(), await self._now()
        async with self._store.transaction() as transaction:
            told = await transaction.recall(keyed.key) if keyed is not None else None
            if told is not None:
                return told
            active = await transaction.active_playbook()
            if active is not None and active != rules.digest:
                raise StalePlaybookError(active)
            known = None
            if isinstance(asked, Wished):
                # No gate is taken: only how many silences there are is of interest.
                await transaction.load_alerts(facts, ())
            else:
                known = await transaction.load_silence(asked.silence_id, now - LATELY)
            decided = decide_silence(asked, known, len(facts.muters.silences), now, rules)
            if decided.outcome is not SilenceOutcome.DONE or decided.silence is None:
                return decided
            if known is not None:
                facts.silences.load({known.silence_id: known})
            facts.silences.put(decided.silence.silence_id, decided.silence)
            entry = of_silence(asked, known, decided.silence, now)
            await transaction.save(Saving(facts=facts, digest=rules.digest, now=now, audit=(entry,)))
            if keyed is not None:
                answer = Answer(request=keyed.request, status=status, body=body(decided.silence))
                await transaction.remember(keyed.key, answer)
        return decided
