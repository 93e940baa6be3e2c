"""About once a second: alerts that a person has settled, or that are open again -> whoever is behind them is told.

Each alert is one transaction, under its gate: what is told leaves with the mark that it was, so that nobody is told
twice, whoever is killed and however many run. An alert that opens again before it was told of is not told of at all.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from service.core import outreach, publish
from service.core.describe import title
from service.core.outreach import Message, Telling
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.ports import (
    ConflictError,
    OutcomeUnknownError,
    Outgoing,
    OutOfReachError,
    Saving,
    StalePlaybookError,
    Store,
    Transaction,
)
from service.runtime.acting import stubbornly
from service.runtime.retry import pause
from service.runtime.rulebook import Rulebook
from service.runtime.telling import MOST_SHARED

log = structlog.get_logger()

_ROUND_SECONDS = 1.0


class Watch(Protocol):
    def fault(self, name: str, reason: str) -> None: ...
    def clear(self, name: str) -> None: ...


class OutcomeRounds:
    """Tells of outcomes until it is stopped. `now` is the clock of decisions."""

    def __init__(self, store: Store, rulebook: Rulebook, now: Callable[[], Awaitable[datetime]], watch: Watch) -> None:
        self._store = store
        self._rulebook = rulebook
        self._now = now
        self._watch = watch

    async def run(self, stop: asyncio.Event) -> None:
        tries = 0
        while not stop.is_set():
            try:
                while not stop.is_set() and await tell_one(self._store, self._rulebook, await self._now()):
                    pass
                tries, wait = 0, _ROUND_SECONDS
                self._watch.clear("outreach")
            except (ConflictError, OutcomeUnknownError):
                tries += 1
                wait = pause(tries, first=0.01, longest=1.0)
            except OutOfReachError as failed:
                tries += 1
                wait = pause(tries)
                log.warning("outreach_waits", reason=str(failed))
                self._watch.fault("outreach", str(failed))
            try:
                async with asyncio.timeout(wait):
                    await stop.wait()
            except TimeoutError:
                continue


async def tell_one(store: Store, rulebook: Rulebook, now: datetime) -> bool:
    """Tell of the first alert of which somebody is to be told; return whether there was one.

    Raises:
        ConflictError: others stood in the way each time.
        OutcomeUnknownError: the reply of the commit was lost.
        OutOfReachError: the store does not answer.
    """
    return await stubbornly(rulebook, lambda: _once(store, rulebook.rules, now))


async def _once(store: Store, rules: Rules, now: datetime) -> bool:
    facts = Facts()
    async with store.transaction() as transaction:
        active = await transaction.active_playbook()
        if active is not None and active != rules.digest:
            raise StalePlaybookError(active)
        names = await transaction.load_untold(facts, 1)
        for name in names:
            alert = facts.alerts[name]
            # Somebody else may have told of it while its gate was waited for.
            if outreach.due(alert) is not None:
                facts.alerts.put(name, outreach.marked(alert))
                await _tell(transaction, facts.alerts[name], rules, now)
        if facts.alerts.written:
            await transaction.save(Saving(facts=facts, digest=rules.digest, now=now))
    return bool(names)


async def _tell(transaction: Transaction, alert: Alert, rules: Rules, now: datetime) -> None:
    """Save what is told, page by page, so that an alert of any size meets in no memory."""
    after = None
    telling = Telling(
        asked=rules.playbook.outreach,
        title=title(alert, rules.labels, rules.processes),
        team=next((one.name for one in rules.playbook.teams if one.id == alert.team), alert.team),
        playbook=rules.digest,
        source=publish.SOURCE,
    )
    while page := await transaction.contributors(alert.alert_id, after, MOST_SHARED):
        after = (page[-1].source, page[-1].subject)
        by_topic: dict[str, list[Message]] = {}
        for one in outreach.messages(alert, page, telling, now):
            by_topic.setdefault(one.topic, []).append(one)
        rows = tuple(
            Outgoing(owner=alert.alert_id, topic=topic, values=tuple((one.key, one.value) for one in found))
            for topic, found in sorted(by_topic.items())
        )
        await transaction.save(Saving(facts=Facts(), digest=rules.digest, now=now, outgoing=rows))
