"""Timers and ticks that are due -> notices and reviews, each decided at its own time, in order."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from service.core.link.keys import instance_key
from service.core.pipeline import late
from service.core.pipeline.cadence import Tick, cadences
from service.core.pipeline.contradictions import (
    Contradicted,
    contradiction_gates,
    find_contradictions,
    promises,
    span_of,
    tell_contradictions,
)
from service.core.pipeline.recontact import weigh_recontacts
from service.core.pipeline.rounds import budgeted, fire_round, release, with_budget
from service.core.pipeline.rules import Rules
from service.core.pipeline.taxonomy_items import Seen, find_items, item_gates, review_span, tell_items
from service.core.pipeline.tick import review, review_gates
from service.core.pipeline.weighing import Weighed, weigh_cells, weigh_hours
from service.core.records.facts import Facts
from service.core.records.muting import CHECK_AFTER, LATELY, Silence
from service.core.records.needs import Needs
from service.core.records.words import TickKind
from service.core.silence import look
from service.core.volume import GRID_DAYS
from service.ports import Saving, Store, Transaction
from service.runtime.handing_over import hand_over_due
from service.runtime.telling import outgoing

MOST_FIRED = 500
_EVER = datetime(9000, 1, 1, tzinfo=UTC)
# The days that a baseline and its windows reach back to, and a week in which one who counts there may have counted.
REACH = timedelta(days=GRID_DAYS + 7)


def nobody_hears(silence: Silence) -> None:
    """Where nobody counts how silences end."""


async def run_due(
    store: Store,
    rules: Rules,
    now: datetime,
    *,
    after_stop: bool = False,
    ended: Callable[[Silence], None] = nobody_hears,
) -> Counter[tuple[str, str]]:
    """Fire every timer and run every tick that is due by `now`; count the notices told by (team, reason).

    `after_stop` is for a wall clock, which may find several ticks missed: they all run, and only the newest may notify.
    `ended` hears of each silence that came to its end.
    """
    told: Counter[tuple[str, str]] = Counter()
    while (first := await store.next_due()) is not None and first <= now:
        tick = await store.due_tick(now)
        ahead = await store.due_silences(_EVER, 1)
        silences = [one for one in ahead if one[1] <= now]
        releases = await store.due_releases(now, 1)
        # Where something is silenced, what that hides is looked at before much more can be hidden.
        reach = min(now, first + CHECK_AFTER) if ahead else now
        until = min((reach, *(at for _, at in (*silences, *releases)), *((tick[1],) if tick is not None else ())))
        late_by_then = await store.due_instances(until, MOST_FIRED)
        due = await store.due_alerts(until, MOST_FIRED)
        if late_by_then:
            told += await _look(store, late_by_then, until, rules)
        elif due:
            told += await _fire(store, due, until, rules)
        elif releases and releases[0][1] == until:
            told += await _release(store, releases[0][0], until, rules)
        elif silences and silences[0][1] == until:
            await _look_at(store, silences[0][0], until, rules, ended)
        elif tick is not None:
            cadence = cadences(rules.playbook.volume).of(tick[0].kind)
            missed = after_stop and cadence is not None and tick[1] + cadence.step <= now
            told += await _run_tick(store, rules, tick[0], tick[1], quiet=missed)
        else:
            break
    return told


async def _look(store: Store, names: Sequence[str], until: datetime, rules: Rules) -> Counter[tuple[str, str]]:
    """Tell of the instances that are late; an event that ends one locks the same key, and whoever is second sees it."""
    async with store.transaction() as transaction:
        facts = await transaction.load(Needs(link_keys=tuple(sorted(instance_key(name) for name in names))))
        await transaction.load_alerts(facts, late.due_gates(facts, names, until))
        await transaction.load_budgets(facts, with_budget(rules))
        late.lapse(facts, names, until, rules)
        await transaction.save(
            Saving(facts=facts, digest=rules.digest, now=until, outgoing=outgoing(facts, (), until, rules))
        )
    return _told(facts)


async def _fire(
    store: Store, due: Sequence[tuple[str, str]], until: datetime, rules: Rules
) -> Counter[tuple[str, str]]:
    facts = Facts()
    async with store.transaction() as transaction:
        await transaction.load_alerts(facts, sorted({key for key, _ in due}))
        await transaction.load_budgets(facts, budgeted((name for _, name in due), facts, rules))
        fire_round(facts, (name for _, name in due), until, rules)
        await transaction.save(
            Saving(facts=facts, digest=rules.digest, now=until, outgoing=outgoing(facts, (), until, rules))
        )
    mine = [facts.alerts[alert_id] for _, alert_id in due if alert_id in facts.alerts]
    return _told(facts) + await hand_over_due(store, mine, until, rules)


async def _look_at(
    store: Store, silence_id: str, now: datetime, rules: Rules, ended: Callable[[Silence], None]
) -> None:
    """End a silence whose time is over, or that hides too much."""
    facts = Facts()
    async with store.transaction() as transaction:
        silence = await transaction.load_silence(silence_id, now - LATELY)
        if silence is not None and silence.due_at is not None and silence.due_at <= now:
            facts.silences.load({silence_id: silence})
            facts.silences.put(silence_id, look(silence, now))
            await transaction.save(Saving(facts=facts, digest=rules.digest, now=now))
    for one in facts.silences.written.values():
        if one.ended_at is not None:
            ended(one)


async def _release(store: Store, muter: str, at: datetime, rules: Rules) -> Counter[tuple[str, str]]:
    """Ask anew for what an ended review or silence held back; there may be more than one transaction can take."""
    facts = Facts()
    async with store.transaction() as transaction:
        names = await transaction.load_held(facts, muter, MOST_FIRED)
        await transaction.load_budgets(facts, budgeted(names, facts, rules))
        release(facts, muter, names, at, rules)
        await transaction.save(
            Saving(
                facts=facts,
                digest=rules.digest,
                now=at,
                outgoing=outgoing(facts, (), at, rules),
                released=muter if len(names) < MOST_FIRED else None,
            )
        )
    return _told(facts)


async def _run_tick(store: Store, rules: Rules, tick: Tick, at: datetime, *, quiet: bool) -> Counter[tuple[str, str]]:
    """Run one tick as of its due time, and ask for the next one if that is needed to close what is open."""
    facts = Facts()
    async with store.transaction() as transaction:
        if not await transaction.claim_tick(tick):
            return Counter()
        weighed = await _weighed(transaction, facts, tick, rules)
        contradicted = await _contradicted(transaction, tick, weighed, rules)
        uncovered = await _uncovered(transaction, tick, rules)
        gates = {*review_gates(weighed), *contradiction_gates(contradicted), *item_gates(uncovered)}
        await transaction.load_alerts(facts, gates)
        await transaction.load_budgets(facts, with_budget(rules))
        review(weighed, facts, at, rules, quiet=quiet)
        tell_contradictions(contradicted, facts, at, rules, quiet=quiet)
        tell_items(uncovered, facts, at, rules, quiet=quiet)
        await transaction.save(
            Saving(
                facts=facts,
                digest=rules.digest,
                now=at,
                outgoing=outgoing(facts, (), at, rules),
                ticks=_following(tick, weighed, rules),
                ran_tick=tick,
            )
        )
    return _told(facts)


async def _weighed(transaction: Transaction, facts: Facts, tick: Tick, rules: Rules) -> Sequence[Weighed]:
    if tick.kind is TickKind.DAYS:
        end = tick.last_day
        watched = await transaction.load_cells(end - REACH, end)
        if not watched.first_days:
            return ()
        found = weigh_cells(watched, end, rules)
        facts.tempo = found.tempo
        return [*found.cells, *await _recontacts(transaction, tick, rules)]
    if rules.volume.hourly is None:
        return ()
    least = rules.volume.hourly.min_customers
    return weigh_hours(await transaction.load_hours(tick.ends_at, least), tick.ends_at, rules)


async def _contradicted(
    transaction: Transaction, tick: Tick, weighed: Sequence[Weighed], rules: Rules
) -> Sequence[Contradicted]:
    slas = promises(rules)
    if tick.kind is not TickKind.DAYS or not slas:
        return ()
    span = span_of(tick.last_day, rules)
    return find_contradictions(await transaction.load_flows(span.first, span.last, slas), weighed, span.last, rules)


async def _uncovered(transaction: Transaction, tick: Tick, rules: Rules) -> Sequence[Seen]:
    asked, span = rules.playbook.taxonomy_review, review_span(tick.last_day, rules)
    if tick.kind is not TickKind.DAYS or asked is None or span is None:
        return ()
    return find_items(await transaction.load_uncovered(span, asked), span, rules)


async def _recontacts(transaction: Transaction, tick: Tick, rules: Rules) -> Sequence[Weighed]:
    """Judge the closed cases of which it is known by the end of the tick whether their customers came back."""
    if rules.volume.recontact is None:
        return ()
    days = rules.playbook.metrics.recontact_days
    last = tick.last_day - timedelta(days=days)
    return weigh_recontacts(
        await transaction.load_closings(last - REACH, last, days, rules.renamed), tick.last_day, rules
    )


def _following(tick: Tick, weighed: Sequence[Weighed], rules: Rules) -> dict[Tick, datetime]:
    """A tick of days asks for the next, so that quiet weeks close what is open; one of hours while something is."""
    cadence = cadences(rules.playbook.volume).of(tick.kind)
    if cadence is None or (tick.kind is TickKind.HOURS and not any(one.state.outage_on for one in weighed)):
        return {}
    following = cadence.following(tick)
    return {following: cadence.due_at(following)}


def _told(facts: Facts) -> Counter[tuple[str, str]]:
    return Counter((notice.team, notice.reason.value) for notice in facts.notices)
