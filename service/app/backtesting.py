"""Two playbooks and the feedback that came lately -> what changes for whom, by deciding all of it under either.

Both runs are in memory and away from the event loop; nothing that is stored changes.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from service.adapters.memory import MemoryStore
from service.core.backtest import Comparison, Run, compare, observe
from service.core.pipeline.read import ReadRecord, read_taken
from service.core.pipeline.retaking import retake
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Contribution
from service.core.records.feedback import FeedbackRead, Reading
from service.ports import Recorded
from service.runtime.replay import Replayed, in_order, replay

MOST_RECORDED = 5_000
# The clock runs on for so long after the last event, so that what waits is told.
_AFTER = timedelta(hours=24)


async def backtest(recorded: Recorded, old: Rules, new: Rules, since: datetime) -> Comparison:
    """Decide what began since an instant under both, the latest 5,000 at most."""
    found = await recorded.recent(since, MOST_RECORDED)
    return await asyncio.to_thread(_compared, found, old, new)


def left_behind(store: MemoryStore, records: Sequence[ReadRecord], rules: Rules, ended: Replayed) -> Run:
    """Sum up what a replay has left in memory."""
    rows = store.rows
    read = [one.read for one in records if isinstance(one.read, Reading)]
    said = [one.said.feedback for one in read if isinstance(one.said, FeedbackRead)]
    # A state that names no customer keeps the one that its subject had.
    kept = {(one.key.source, one.key.subject): one.feedback.customer for one in rows.contributions.values()}
    return Run(
        digest=rules.digest,
        teams=tuple(team.id for team in rules.playbook.teams),
        consumed=rows.books.consumed,
        rejected=sum(rows.books.rejected.values()),
        first_at=min((one.occurred_at for one in read), default=None),
        until=ended.until,
        rows=tuple(rows.rows.values()),
        alerts=tuple(rows.alerts.values()),
        notices=rows.notices,
        members=tuple(rows.members.values()),
        customer_of={(one.source, one.event_id): kept.get((one.source, one.subject), one.customer) for one in said},
        customer_of_instance={name: one.customer for name, one in rows.instances.items() if one.customer is not None},
    )


def _compared(found: Sequence[Contribution], old: Rules, new: Rules) -> Comparison:
    before, after = (observe(asyncio.run(_run(found, rules))) for rules in (old, new))
    return compare(before, after)


async def _run(found: Sequence[Contribution], rules: Rules) -> Run:
    store, records = MemoryStore(), in_order(read_taken(retake(found), rules))
    ended = await replay(store, records, rules, _AFTER)
    return left_behind(store, records, rules, ended)
