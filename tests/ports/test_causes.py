"""Instances and complaints as each adapter finds them: those that ran, what is sure, within bounds, by the same lot."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace

from service.core.cause import (
    Compared,
    Gathered,
    VersionsAsked,
    VersionTally,
    cases_of,
    causes_of,
    count_versions,
    gather,
    is_complaint,
)
from service.core.records.alerts import Member
from service.core.records.decisions import Contribution, Link
from service.core.records.facts import Facts
from service.core.records.feedback import Downtime, Instance
from service.core.records.steps import Step
from service.core.records.words import Lifecycle, LinkMethod, LinkReason, LinkStatus, Severity
from service.ports import Saving
from tests.builders import START, make_contribution, make_feedback
from tests.ports.conftest import Rig

pytestmark = pytest.mark.postgres

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALERT = "an alert"
CELL = Compared(
    process="shipping",
    category="delivery",
    region=None,
    since=START,
    until=START + 7 * DAY,
    ended_since=START - 3 * DAY,
)
ASKED = VersionsAsked(process="shipping", since=START - 5 * DAY, until=START + 5 * DAY)


class Drawn:
    """Rows that differ in everything by which instances are found."""

    def __init__(self, seed: int, many: int = 120) -> None:
        dice = Random(seed)
        names = [f"i-{at}-é" for at in range(many)]
        self.instances = [_instance(dice, name) for name in names]
        self.contributions = [_contribution(dice, at, dice.choice([*names, "nowhere"])) for at in range(2 * many)]
        self.members = [_member(one) for one in self.contributions if dice.random() < 0.4]
        self.steps = [_step(dice, name, at) for name in names for at in range(dice.randrange(5))]
        self.downtimes = [_downtime(dice, at) for at in range(3)]

    async def keep(self, rig: Rig) -> None:
        facts = Facts()
        for instance in self.instances:
            facts.instances.put(instance.instance_id, instance)
        for contribution in self.contributions:
            facts.put_contribution(contribution)
        for member in self.members:
            facts.members.put((member.key, member.alert_id), member)
        for step in self.steps:
            facts.steps.put(step.key, step)
        for downtime in self.downtimes:
            facts.downtimes.put(downtime.name, downtime)
        async with rig.store.transaction() as transaction:
            await transaction.save(Saving(facts=facts, digest="0" * 64, now=START))

    def expected(self, asked: Compared) -> Gathered:
        held = {member.key for member in self.members}
        steps: dict[str, list[Step]] = {}
        for step in self.steps:
            steps.setdefault(step.instance_id, []).append(step)
        told = [one for one in self.contributions if asked.alert_id is None or one.key in held]
        return gather(asked, self.instances, told, steps, self.downtimes)


def _instance(dice: Random, name: str) -> Instance:
    at = START + dice.randrange(-240, 240) * HOUR
    begun = dice.choice((at, at, at, None))
    return Instance(
        instance_id=name,
        process=dice.choice(("shipping", "shipping", "returns")),
        started_at=begun,
        begun_at=dice.choice((begun, at + 9 * DAY)),
        ended_at=dice.choice((None, at + dice.randrange(100) * HOUR)),
        region=dice.choice((None, "uk", "de")),
        version=dice.choice((None, "6", "7")),
        updated_at=START,
    )


def _contribution(dice: Random, at: int, name: str) -> Contribution:
    feedback = make_feedback(
        event_id=f"e-{at}",
        subject=f"response/{at}",
        occurred_at=START + dice.randrange(-24, 8 * 24) * HOUR,
        region=dice.choice((None, "uk", "de")),
    )
    one = make_contribution(feedback, category=dice.choice(("delivery", "delivery", "safety")))
    link = Link(
        status=LinkStatus.LINKED,
        method=LinkMethod.TICKET,
        reason=LinkReason.SOLE_CARRIER,
        instance_id=name,
        confidence=dice.choice((1.0, 0.85, 0.6)),
    )
    assessed = replace(one.assessed, negative=dice.random() < 0.6)
    return replace(one, link=link, assessed=assessed, process=dice.choice(("shipping", "shipping", "returns")))


def _member(one: Contribution) -> Member:
    return Member(
        key=one.key,
        alert_id=ALERT,
        alert_key="key",
        copy=False,
        event_id=one.feedback.event_id,
        customer="c",
        instance_id=one.link.instance_id,
        severity=Severity.MEDIUM,
        score=40.0,
        done=False,
        team="drivers",
    )


def _step(dice: Random, name: str, at: int) -> Step:
    told = START + dice.randrange(-100, 200) * HOUR
    return Step(
        instance_id=name,
        process="shipping",
        source="/engine",
        event_id=f"{name}-{at}",
        name=f"s{at}",
        at=told,
        told_at=told,
        activity=dice.choice(("check", "pack")),
        lifecycle=dice.choice((Lifecycle.START, Lifecycle.COMPLETE)),
        team=dice.choice((None, "floor", "dock")),
        attributes={"items": at, "fragile": at > 1},
    )


def _downtime(dice: Random, at: int) -> Downtime:
    began = START + dice.randrange(-200, 200) * HOUR
    return Downtime(
        source="/ops",
        downtime_id=f"d{at}",
        process=("shipping", "shipping", "returns")[at],
        region=(None, "uk", None)[at],
        started_at=began,
        ended_at=dice.choice((began + 5 * HOUR, None)) if at == 1 else began + 5 * HOUR,
        occurred_at=began,
        event_id=f"d{at}",
    )


def _plain(found: Gathered) -> tuple[object, ...]:
    """The same, whatever the order."""
    return (
        sorted(found.instances, key=lambda one: one.instance_id),
        dict(found.complained_at),
        sorted(found.steps, key=lambda one: one.key),
        sorted(found.downtimes, key=lambda one: one.name),
        (found.negative, found.others, found.weight),
    )


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_store_finds_what_the_core_does(rig: Rig, seed: int) -> None:
    drawn = Drawn(seed)
    await drawn.keep(rig)
    for region in (None, "uk"):
        for alert_id in (None, ALERT, "none"):
            for most in (20_000, 30, 1, 0):
                asked = replace(CELL, region=region, alert_id=alert_id, most=most)
                if alert_id == "none":
                    assert (await rig.desk.gathered(asked)).negative == 0
                    continue
                found, expected = await rig.desk.gathered(asked), drawn.expected(asked)
                if most == 20_000:
                    assert min(found.negative, found.others) > 0
                if found.instances:
                    assert _plain(found) == _plain(expected)
                assert causes_of(cases_of(found), found.weight) == causes_of(cases_of(expected), expected.weight)


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_store_counts_versions_as_the_core_does(rig: Rig, seed: int) -> None:
    drawn = Drawn(seed)
    await drawn.keep(rig)
    complained = {one.link.instance_id or "" for one in drawn.contributions if is_complaint(one)}

    def by_version(tallies: Sequence[VersionTally]) -> list[VersionTally]:
        return sorted(tallies, key=lambda one: one.version)

    expected = by_version(count_versions(ASKED, drawn.instances, complained, drawn.downtimes))
    assert by_version(await rig.desk.versions(ASKED)) == expected
    assert [one.version for one in expected] == ["6", "7"]
