"""Queues and what is in front of them, filtered and page by page: either adapter gives what a plain look gives."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.records.alerts import Alert
from service.core.records.handling import Act
from service.core.records.words import AlertKind, AlertState, Deed, Severity
from service.ports import QueuePlace, Wanted, queue_place
from tests.builders import START
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.keeping import keep, kept_alert

pytestmark = pytest.mark.postgres


def _alerts() -> list[Alert]:
    """Alerts of every state, severity and two of everything else, several of which were last seen at the same time."""
    found = []
    for number, (state, severity, kind, category, process) in enumerate(
        product(AlertState, Severity, (AlertKind.EVENT, AlertKind.AT_RISK), ("delivery", "price"), ("returns", "shop"))
    ):
        more: dict[str, Any] = {"kind": kind, "category": category, "process": process, "state": state}
        more |= {"resolved_at": START} if state is AlertState.RESOLVED else {}
        found.append(kept_alert(f"a{number:02}", severity, START + timedelta(minutes=number % 3), **more))
    return [*found, kept_alert("other", Severity.HIGH, START, team="legal")]


def _plainly(alerts: list[Alert], wanted: Wanted) -> list[str]:
    def order(one: Alert) -> tuple[bool, int, float, str]:
        is_open = one.state is AlertState.OPEN
        return (not is_open, -one.severity.rank if is_open else 0, -one.last_seen.timestamp(), one.alert_id)

    def passes(one: Alert) -> bool:
        asked: list[tuple[object, tuple[object, ...]]] = [
            *((one.state, wanted.states), (one.severity, wanted.severities), (one.kind, wanted.kinds)),
            *((one.category, wanted.categories), (one.process, wanted.processes)),
        ]
        return one.team == wanted.team and all(not values or value in values for value, values in asked)

    return [one.alert_id for one in sorted(filter(passes, alerts), key=order)]


_FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"states": (AlertState.OPEN,)},
    {"states": (AlertState.RESOLVED,)},
    {"severities": (Severity.HIGH, Severity.LOW)},
    {"kinds": (AlertKind.AT_RISK,)},
    {"kinds": (AlertKind.AT_RISK, AlertKind.EVENT)},
    {"kinds": (AlertKind.VOLUME,)},
    {"categories": ("delivery", "price", "delivery")},
    {"processes": ("returns",)},
    {"categories": ("price",), "processes": ("shop",), "severities": (Severity.CRITICAL, Severity.INFO)},
    {"kinds": (AlertKind.AT_RISK,), "categories": ("price",), "states": (AlertState.RESOLVED,)},
    {"categories": ("none such",)},
)


async def test_every_filter_gives_the_same_alerts_in_the_same_order_page_by_page(rig: Rig) -> None:
    alerts = _alerts()
    await keep(rig, *alerts)
    for filters in _FILTERS:
        wanted, seen = Wanted(team="desk", **filters), list[str]()
        after: QueuePlace | None = None
        while page := await rig.desk.queue(wanted, after, 7):
            seen += [one.alert_id for one in page]
            after = queue_place(page[-1])
        assert seen == _plainly(alerts, wanted), filters


async def test_what_is_in_front_comes_whole_only_where_it_has_changed(rig: Rig) -> None:
    alerts = _alerts()
    await keep(rig, *alerts)
    first = await rig.desk.heads({"desk": {}, "legal": {}, "nobody": {}}, 5)
    wanted = _plainly(alerts, Wanted(team="desk"))[:5]
    assert sorted(one.alert_id for one in first["desk"]) == sorted(wanted)
    assert {one.alert_id: one.alert for one in first["desk"]} == {
        one.alert_id: one for one in alerts if one.alert_id in wanted
    }
    assert ([one.alert_id for one in first["legal"]], first["nobody"]) == (["other"], [])
    known = {one.alert_id: one.mark for one in first["desk"]}
    changed = next(one for one in alerts if one.alert_id == wanted[2])
    await keep(rig, replace(changed, acked_by="ana"))
    again = {one.alert_id: one for one in (await rig.desk.heads({"desk": known}, 5))["desk"]}
    assert {name for name, one in again.items() if one.alert is not None} == {changed.alert_id}
    assert {name for name, one in again.items() if one.mark != known[name]} == {changed.alert_id}


async def test_acts_are_kept_in_order_each_with_its_number(rig: Rig) -> None:
    def said(deed: Deed, **more: Any) -> Act:  # noqa: ANN401 - fields of Act
        return Act(alert_id="a", at=START, deed=deed, by="ana", **more)

    acts = [said(Deed.NOTE, text="ü"), said(Deed.SNOOZE, said={"until": "later"}), said(Deed.RESOLVE)]
    for one in acts:
        await keep(rig, kept_alert("a", Severity.HIGH, START), acts=[one])
    await keep(rig, kept_alert("b", Severity.HIGH, START), acts=[replace(acts[0], alert_id="b")])
    found = await rig.desk.acts("a", 0, 10)
    assert [replace(one, number=0) for one in found] == acts
    assert await rig.desk.acts("a", found[0].number, 1) == found[1:2]
    assert await rig.desk.acts("nobody", 0, 10) == []


@pytest.mark.every_postgres
async def test_no_page_of_a_queue_sorts_or_reads_more_than_it_shows(postgres_rig: PostgresRig) -> None:
    from service.adapters.postgres import heads, queues  # noqa: PLC0415 - statements, not what the suite is of.

    statements = {f"open {by}": one for by, one in queues.OPEN.items()}
    statements |= {f"resolved {by}": one for by, one in queues.RESOLVED.items()} | {"heads": heads.HEADS}
    reading: dict[str, str] = {}
    async with postgres_rig.pool.acquire() as connection:
        for name, statement in statements.items():
            arguments = ", ".join("NULL" for _ in range(4 if name == "heads" else 8))
            await connection.execute(f"PREPARE planned AS {statement}")
            rows = await connection.fetch(f"EXPLAIN EXECUTE planned({arguments})")
            await connection.execute("DEALLOCATE planned")
            plan = "\n".join(row[0] for row in rows)
            if "Seq Scan" in plan:
                reading[name] = plan
    assert reading == {}
