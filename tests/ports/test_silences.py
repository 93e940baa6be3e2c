"""Silences as every store keeps, counts and previews them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from service.core.pipeline.silencing import Extension, Lifting, Silenced, SilenceOutcome, Wished
from service.core.records.muting import LATELY, Hidden, Silence
from service.core.records.words import AlertKind, NoticeReason, Severity, SilenceEnd
from service.core.silence import SilenceState
from service.ports import Answer, Keyed, Lease, Part, SilencesWanted, Store, silence_place
from service.runtime.due import run_due
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from tests.builders import START, survey
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, decide, retold

pytestmark = pytest.mark.postgres

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DELIVERY: Mapping[str, tuple[str, ...]] = {"category": ("delivery",)}


class Shop:
    """A store, and a clock that a test moves on."""

    def __init__(self, rig: Rig, lease: Lease) -> None:
        self.rig = rig
        self.lease = lease
        self.now = START
        self.ended: list[SilenceEnd | None] = []

        async def same(_digest: str) -> Any:  # noqa: ANN401 - never asked
            raise AssertionError

        async def changed(_rules: object) -> None:
            """Nobody else needs to know."""

        async def now() -> Any:  # noqa: ANN401 - an instant
            return self.now

        self.silencing = Silencing(
            rig.store, Rulebook(RULES, same, changed), now, lambda one: self.ended.append(one.ended_by)
        )

    async def push(self, at: timedelta, *events: Mapping[str, Any]) -> None:
        await self.wait(at)
        self.lease = (await decide(self.rig.store, self.lease, *events, at=self.now)).lease
        await self.wait(at)

    async def wait(self, at: timedelta) -> None:
        self.now = START + at
        await run_due(self.rig.store, RULES, self.now, ended=lambda one: self.ended.append(one.ended_by))

    async def silence(self, name: str, matchers: Mapping[str, tuple[str, ...]] = DELIVERY, **more: Any) -> Silence:  # noqa: ANN401 - fields of Wished
        asked = Wished(
            **({"silence_id": name, "matchers": matchers, "by": "ana", "reason": "Snow.", "lasts": 4 * HOUR, "breaks_at": Severity.CRITICAL} | more)
        )
        told = await self.silencing(asked, None, str, 201)
        assert isinstance(told, Silenced)
        assert told.silence is not None, told
        return told.silence

    async def reasons(self) -> list[tuple[str, str]]:
        lines = await retold(self.rig.archive, "notices")
        return [(line["team"], line["reason"]) for line in lines]

    async def hidden(self, name: str) -> Hidden:
        found = await self.rig.desk.silence(name, self.now - LATELY)
        assert found is not None
        return found.hidden


async def opened(rig: Rig) -> Shop:
    return Shop(rig, await claimed(rig.store))


async def test_what_a_silence_hides_is_told_once_when_it_expires(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", growth=100)
    await shop.push(MINUTE, complaint(1), complaint(2))
    await shop.wait(2 * HOUR)
    assert await shop.reasons() == []
    assert await shop.hidden("s") == Hidden(alerts=1, events=2, customers=2, lately=2, worst=Severity.HIGH)
    await shop.wait(5 * HOUR)
    assert await shop.reasons() == [("drivers", "unmuted")]
    assert shop.ended == [SilenceEnd.EXPIRED]
    preview = await rig.desk.preview(DELIVERY, START, including_critical=False)
    print(preview)
