"""On every store those behind an alert are told once how a person settled it, and once that it is open again."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest

from service.adapters.postgres.packed import pairs
from service.core.outreach import Contributor
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.records.alerts import Alert
from service.core.records.words import Disposition
from service.ports import Outgoing, Wanted
from service.runtime import outreach
from service.runtime.acting import Acting
from service.runtime.outreach import tell_one
from service.runtime.rulebook import Rulebook
from tests.builders import START
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, decide
from tests.ports.test_audit import _no_other_rules
from tests.ports.test_employees import employee

pytestmark = pytest.mark.postgres

RULEBOOK = Rulebook(RULES, _no_other_rules)
# Before anybody is told, so that no notice makes an act stale.
LATER = START + timedelta(seconds=30)
_TOPICS = ("feedback.outcomes", "feedback.answered")


async def _now() -> datetime:
    return LATER


async def the_alert(rig: Rig) -> Alert:
    (alert,) = await rig.desk.queue(Wanted(team="drivers"), None, 10)
    return alert


async def settle(rig: Rig, disposition: Disposition | None = Disposition.ACTIONABLE) -> None:
    alert = await the_alert(rig)
    asked = Asked(
        alert_id=alert.alert_id, deed=Deed.RESOLVE, revision=alert.revision, by="ana", disposition=disposition
    )
    acted = await Acting(rig.store, RULEBOOK, _now)(asked, alert.alert_key, None, lambda _: "")
    assert isinstance(acted, Acted)
    assert acted.outcome is ActOutcome.DONE


async def tell(rig: Rig) -> int:
    """Tell of all that is to be told of; return of how many alerts that was."""
    told = 0
    while await tell_one(rig.store, RULEBOOK, LATER):
        told += 1
    return told


async def sent(rig: Rig) -> list[tuple[str, str, str, int | str]]:
    """Return (topic, source, subject, revision or text) of what leaves for tools and employees."""
    rows = await _rows(rig)
    found: list[tuple[str, str, str, int | str]] = []
    for row in rows:
        for key, value in row.values:
            data: dict[str, Any] = orjson.loads(value)["data"]
            assert key.decode() == f"{data['source']}\n{data['subject']}"
            assert row.owner == data["alert_id"]
            found.append(
                (row.topic, data["source"], data["subject"], data["revision"] if "revision" in data else data["text"])
            )
    return found


async def _rows(rig: Rig) -> list[Outgoing]:
    if isinstance(rig, PostgresRig):
        rows = await rig.pool.fetch("SELECT * FROM outbox WHERE topic = ANY ($1::text[]) ORDER BY id", list(_TOPICS))
        return [Outgoing(owner=row["owner"], topic=row["topic"], values=pairs(row)) for row in rows]
    return [one for one in rig.store.outgoing if one.topic in _TOPICS]  # type: ignore[attr-defined]  # The one in memory.


async def test_a_settled_alert_is_told_of_once_to_each_behind_it(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), complaint(1), complaint(2), employee("s1", "nurses"))
    assert (await tell(rig), await sent(rig)) == (0, [])
    await settle(rig)
    assert (await tell(rig), await tell(rig)) == (1, 0)
    assert sorted(await sent(rig)) == [
        ("feedback.answered", "/staff", "employee/s1", "Drivers looked into what you said and acted on it."),
        ("feedback.outcomes", "/staff", "employee/s1", 1),
        ("feedback.outcomes", "/surveys", "response/r1", 1),
        ("feedback.outcomes", "/surveys", "response/r2", 1),
    ]


async def test_an_alert_that_opens_again_takes_its_outcome_back(rig: Rig) -> None:
    lease = (await decide(rig.store, await claimed(rig.store), complaint(1))).lease
    await settle(rig)
    await tell(rig)
    await decide(rig.store, lease, complaint(3), at=START + timedelta(minutes=5))
    assert (await tell(rig), await tell(rig)) == (1, 0)
    assert Counter(await sent(rig)) == Counter(
        [
            ("feedback.outcomes", "/surveys", "response/r1", 1),
            ("feedback.outcomes", "/surveys", "response/r1", 2),
            # It made the alert open again, and was told of no outcome before.
            ("feedback.outcomes", "/surveys", "response/r3", 2),
        ]
    )


async def test_without_a_disposition_nobody_is_told(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), complaint(1))
    await settle(rig, None)
    assert (await tell(rig), await sent(rig)) == (0, [])


async def test_contributors_come_in_pages_each_subject_once(rig: Rig) -> None:
    events = [complaint(number) for number in range(1, 6)]
    await decide(rig.store, await claimed(rig.store), *events)
    alert = await the_alert(rig)
    found: list[Contributor] = []
    async with rig.store.transaction() as transaction:
        after = None
        while page := await transaction.contributors(alert.alert_id, after, 2):
            found += page
            after = (page[-1].source, page[-1].subject)
    assert found == [
        Contributor(source="/surveys", subject=f"response/r{one}", event_id=f"r{one}-1", by_staff=False)
        for one in range(1, 6)
    ]


async def test_rows_of_the_outbox_are_bounded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outreach, "MOST_SHARED", 2)
    await decide(rig.store, await claimed(rig.store), *[complaint(number) for number in range(1, 6)])
    await settle(rig)
    await tell(rig)
    assert [len(row.values) for row in await _rows(rig)] == [2, 2, 1]


async def test_several_who_tell_at_once_tell_once(rig: Rig) -> None:
    await decide(rig.store, await claimed(rig.store), complaint(1), employee("s1", "nurses"))
    await settle(rig)
    await asyncio.gather(*(tell(rig) for _ in range(4)))
    assert Counter(topic for topic, *_ in await sent(rig)) == {"feedback.outcomes": 2, "feedback.answered": 1}
