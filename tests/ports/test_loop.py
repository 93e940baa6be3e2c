"""The closed loop as each adapter counts it: of negative feedback, its alerts, and what the audit tells of them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

import pytest
from msgspec.structs import replace

from service.core.audit import Action, AuditOutcome, Entry, ObjectKind
from service.core.records.alerts import Member
from service.core.records.decisions import Contribution, PartKey
from service.core.records.doer import Doer
from service.core.records.facts import Facts
from service.core.records.words import FeedbackKind, Flag, Severity
from service.core.scorecard import EVER, Dimension, Looped, Period, count_loop
from service.ports import Saving
from tests.builders import START, make_contribution, make_feedback, make_target
from tests.ports.conftest import Rig

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)
_ACTIONS = (Action.ALERT_ACK, Action.ALERT_RESOLVE, Action.ALERT_REASSIGN, Action.ALERT_CAUSE)


def _drawn(dice: Random, many: int) -> list[Contribution]:
    found = []
    for at in range(many):
        kind = dice.choice((FeedbackKind.SURVEY, FeedbackKind.SURVEY, FeedbackKind.TICKET, FeedbackKind.EMPLOYEE))
        feedback = make_feedback(
            event_id=f"e-{at}",
            subject=f"response/{at}",
            kind=kind,
            customer=f"k1:{dice.randrange(12)}",
            occurred_at=START + timedelta(minutes=dice.randrange(30 * 24 * 60)),
            region=dice.choice((None, "a", "B", "ä")),
            flags=(Flag.ANONYMOUS,) if dice.random() < 0.1 else (),
        )
        one = make_contribution(feedback, targets=[make_target(team=dice.choice(("desk", "drivers")))])
        signals = replace(one.signals, scored=dice.random() < 0.8)
        found.append(replace(one, assessed=replace(one.assessed, negative=dice.random() < 0.6), signals=signals))
    return found


def _member(one: Contribution, alert_id: str, *, copy: bool) -> Member:
    return Member(
        key=one.key,
        alert_id=alert_id,
        alert_key=f"key of {alert_id}",
        copy=copy,
        event_id=one.feedback.event_id,
        customer=one.feedback.customer,
        instance_id=None,
        severity=Severity.LOW,
        score=1.0,
        done=False,
        team="desk",
    )


def _entry(dice: Random) -> Entry:
    return Entry(
        at=START + timedelta(seconds=dice.randrange(40 * 24 * 3600)),
        doer=Doer(name="ana"),
        action=dice.choice(_ACTIONS),
        kind=ObjectKind.ALERT,
        object_id=f"a-{dice.randrange(10)}",
        outcome=AuditOutcome.DENIED if dice.random() < 0.1 else AuditOutcome.DONE,
    )


@pytest.mark.parametrize("by", [Dimension.ALL, Dimension.TEAM, Dimension.REGION, Dimension.CATEGORY])
async def test_a_store_counts_the_loop_as_the_core_does(rig: Rig, by: Dimension) -> None:
    dice = Random(11)
    contributions = _drawn(dice, 200)
    members = [
        _member(one, f"a-{number}", copy=dice.random() < 0.2)
        for one in contributions
        for number in dice.sample(range(10), dice.randrange(3))
    ]
    entries = [_entry(dice) for _ in range(60)]
    facts = Facts()
    for one in contributions:
        facts.put_contribution(one)
    for member in members:
        facts.members.put((member.key, member.alert_id), member)
    async with rig.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest="0" * 64, now=START, audit=entries))

    def acts(key: PartKey) -> Iterable[tuple[Action, datetime]]:
        alerts = {one.alert_id for one in members if one.key == key and not one.copy}
        done = (one for one in entries if one.object_id in alerts and one.outcome is AuditOutcome.DONE)
        return [(one.action, one.at) for one in done]

    for period in (EVER, Period(since=START + 2 * DAY, until=START + 20 * DAY)):
        for asked in (
            Looped(by=by, period=period),
            Looped(by=by, period=period, values=1, renamed={"delivery": "late"}),
        ):
            found, expected = await rig.desk.loop(asked), count_loop(contributions, acts, asked)
            assert found == expected
            assert sum(tally.acted for tally in found.tallies) > 0


async def test_without_negative_feedback_there_is_nothing_to_count(rig: Rig) -> None:
    found = await rig.desk.loop(Looped(by=Dimension.TEAM, period=EVER))
    assert (list(found.tallies), found.left_off) == ([], 0)
