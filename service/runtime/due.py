"""Timers and ticks that are due -> notices and reviews, each decided at its own time, in order."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from service.core.pipeline.rules import Rules
from service.core.pipeline.settle import fire
from service.core.pipeline.tick import REACH, WEEK, due_at, review, review_gates, weigh_cells
from service.core.records.facts import Facts
from service.ports import Saving, Store
from service.runtime.telling import outgoing

MOST_FIRED = 500


async def run_due(store: Store, rules: Rules, now: datetime, *, after_stop: bool = False) -> Counter[tuple[str, str]]:
    """Fire every timer and run every tick that is due by `now`; count the notices told by (team, reason).

    `after_stop` is for a wall clock, which may find several ticks missed: they all run, and only the newest may notify.
    """
    told: Counter[tuple[str, str]] = Counter()
    while (first := await store.next_due()) is not None and first <= now:
        tick = await store.due_tick(now)
        until = now if tick is None else min(now, tick[1])
        due = await store.due_alerts(until, MOST_FIRED)
        if due:
            told += await _fire(store, due, until, rules)
        elif tick is not None:
            missed = after_stop and tick[1] + WEEK <= now
            told += await _run_tick(store, rules, tick[0], tick[1], quiet=missed)
        else:
            break
    return told


async def _fire(
    store: Store, due: Sequence[tuple[str, str]], until: datetime, rules: Rules
) -> Counter[tuple[str, str]]:
    facts = Facts()
    async with store.transaction() as transaction:
        await transaction.load_alerts(facts, sorted({key for key, _ in due}))
        for _, alert_id in due:
            if alert_id in facts.alerts:
                fire(facts, alert_id, until, rules)
        await transaction.save(
            Saving(facts=facts, digest=rules.digest, now=until, outgoing=outgoing(facts, (), until, rules.digest))
        )
    return _told(facts)


async def _run_tick(store: Store, rules: Rules, end: date, at: datetime, *, quiet: bool) -> Counter[tuple[str, str]]:
    """Run one tick as of its due time, and ask for the next week's, so that quiet weeks close what is open."""
    facts = Facts()
    following = end + WEEK
    async with store.transaction() as transaction:
        if not await transaction.claim_tick(end):
            return Counter()
        cells = await transaction.load_cells(end - REACH)
        if cells.first_day is not None:
            weighed = weigh_cells(cells.contacts, cells.states, cells.first_day, end, rules)
            await transaction.load_alerts(facts, review_gates(weighed))
            review(weighed, facts, at, rules, quiet=quiet)
        await transaction.save(
            Saving(
                facts=facts,
                digest=rules.digest,
                now=at,
                outgoing=outgoing(facts, (), at, rules.digest),
                ticks={following: due_at(following, rules.playbook.volume.lateness)},
                ran_tick=end,
            )
        )
    return _told(facts)


def _told(facts: Facts) -> Counter[tuple[str, str]]:
    return Counter((notice.alert.team, notice.reason.value) for notice in facts.notices)
