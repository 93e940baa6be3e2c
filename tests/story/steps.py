"""Steps that put into a scene what no event brings: silences, and reviews without the months that they take."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from service.core.alert import close
from service.core.identity import alert_id, alert_key
from service.core.pipeline.timers import reschedule
from service.core.records.alerts import Alert, Gate
from service.core.records.facts import Facts
from service.core.records.muting import Silence
from service.core.records.words import AlertKind, AlertState, Level
from service.core.silence import lift
from service.ports import Saving
from service.runtime.telling import outgoing
from tests.builders import START
from tests.story.telling import Scene

Work = Callable[[Scene], Awaitable[str]]


def silence(name: str, until: timedelta, *, since: timedelta = timedelta(), **changes: Any) -> Work:  # noqa: ANN401 - fields of Silence
    """Set a silence over whatever the drivers have, unless `matchers` says otherwise."""

    async def put(scene: Scene) -> str:
        given: dict[str, Any] = {"matchers": {"team": ("drivers",)}, "baseline": 100, **changes}
        one = Silence(
            silence_id=name,
            author="ana",
            reason="the depot moves",
            created_at=scene.now,
            starts_at=max(scene.now, START + since),
            ends_at=START + until,
            **given,
        )
        await _save_silence(scene, one)
        return ""

    return put


def lifted(name: str) -> Work:
    """Let a person end a silence before its time."""

    async def end(scene: Scene) -> str:
        async with scene.store.transaction() as transaction:
            held = await transaction.load_silence(name, scene.now)
        assert held is not None
        await _save_silence(scene, lift(held, scene.now, by="ana"))
        return ""

    return end


def review(level: Level | None, *, team: str = "drivers", category: str = "delivery") -> Work:
    """Let the review of a cell of shipping be open at a level from now on, or end."""

    async def tick(scene: Scene) -> str:
        key = alert_key(AlertKind.VOLUME, {"process": "shipping", "category": category}, team=team)
        facts = Facts()
        async with scene.store.transaction() as transaction:
            await transaction.load_alerts(facts, (key,))
            gate = facts.gates[key]
            if gate.alert_id is None:
                gate = Gate(alert_key=key, alert_id=alert_id(key, 1), episodes=1)
                facts.gates.put(key, gate)
            name = str(gate.alert_id)
            alert = facts.alerts.get(name) or _review(name, key, team, category, scene.now)
            alert = close(alert, scene.now) if level is None else _open(alert, level)
            facts.alerts.put(name, alert)
            reschedule(facts, name, scene.now, scene.rules)
            await transaction.save(
                Saving(
                    facts=facts,
                    digest=scene.rules.digest,
                    now=scene.now,
                    outgoing=outgoing(facts, (), scene.now, scene.rules),
                )
            )
        return ""

    return tick


def _open(alert: Alert, level: Level) -> Alert:
    return replace(alert, level=level, state=AlertState.OPEN, resolved_at=None)


async def _save_silence(scene: Scene, one: Silence) -> None:
    facts = Facts()
    facts.silences.put(one.silence_id, one)
    async with scene.store.transaction() as transaction:
        await transaction.save(Saving(facts=facts, digest=scene.rules.digest, now=scene.now))


def _review(name: str, key: str, team: str, category: str, now: datetime) -> Alert:
    return Alert(
        alert_id=name,
        alert_key=key,
        episode=1,
        kind=AlertKind.VOLUME,
        team=team,
        route="volume",
        process="shipping",
        category=category,
        level=Level.LOCAL_ADJUSTMENT,
        opened_at=now,
        first_seen=now,
        last_seen=now,
        events=20,
        customers=20,
        unfinished=1,
        severities=(0, 0, 0, 1, 0),
    )
