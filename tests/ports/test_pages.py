"""Pages of what hangs on alerts, on each adapter: members, notices, reviews, dead letters; and the shared gauges."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from service.adapters.postgres import PostgresGauges
from service.core.records.alerts import Alert, Disposed, Gate, Notice
from service.core.records.decisions import PartKey
from service.core.records.facts import Facts, ReviewRow
from service.core.records.feedback import Rejected
from service.core.records.words import AlertKind, AlertState, Disposition, NoticeReason, Severity, Stage
from service.ports import DeadLetter, ReviewPlace, Saving, review_place
from tests.builders import START
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import claimed, complaint, days, decide, retold

pytestmark = pytest.mark.postgres


def _alert(name: str, severity: Severity, last_seen: datetime, **more: Any) -> Alert:  # noqa: ANN401 - fields of Alert
    counts = [int(one is severity) for one in Severity]
    given: dict[str, Any] = {
        "alert_id": name,
        "alert_key": f"key of {name}",
        "episode": 1,
        "kind": AlertKind.EVENT,
        "team": "desk",
        "route": "root",
        "process": "shipping",
        "category": "delivery",
        "opened_at": START,
        "first_seen": START,
        "last_seen": last_seen,
        "events": 1,
        "customers": 1,
        "severities": tuple(counts),
    }
    return Alert(**(given | more))


async def _save(rig: Rig, *alerts: Alert, **more: Any) -> None:  # noqa: ANN401 - fields of Saving
    facts = Facts()
    for alert in alerts:
        facts.gates.put(alert.alert_key, Gate(alert_key=alert.alert_key, alert_id=alert.alert_id, episodes=1))
        facts.alerts.put(alert.alert_id, alert)
    async with rig.store.transaction() as transaction:
        await transaction.load_alerts(Facts(), [alert.alert_key for alert in alerts])
        given: dict[str, Any] = {"facts": facts, "digest": "d", "now": START}
        await transaction.save(Saving(**(given | more)))


async def test_an_alert_shows_its_members_with_their_feedback_and_its_notices(rig: Rig) -> None:
    lease = await claimed(rig.store)
    lease = (await decide(rig.store, lease, *(complaint(number) for number in range(5)))).lease
    (line,) = await retold(rig.archive, "alerts")
    alert_id = line["alert_id"]
    seen: list[str] = []
    after: PartKey | None = None
    while page := await rig.desk.members(alert_id, after, 2):
        for member, row in page:
            assert row is not None
            assert (row.event_id, row.document["alert_id"]) == (member.event_id, alert_id)
            assert row == await rig.desk.explanation(member.key.source, member.event_id)
            assert list(await rig.desk.homes(member.key.source, member.key.subject)) == [member]
            seen.append(member.event_id)
        after = page[-1][0].key
    assert seen == line["members"]
    alert = await rig.desk.alert(alert_id)
    assert alert is not None
    told = [
        Notice(at=START, reason=NoticeReason.REPEAT, revision=at, alert=replace(alert, revision=at), title="ü")
        for at in (1, 2, 3)
    ]
    facts = Facts()
    facts.notices += told
    await _save(rig, facts=facts)
    assert list(await rig.desk.notices(alert_id, 0, 2)) == told[:2]
    assert list(await rig.desk.notices(alert_id, 2, 2)) == told[2:]


async def test_reviews_have_the_newest_window_in_front(rig: Rig) -> None:
    cells = [("p", "b", None), ("p", "a", "uk"), ("p", "a", None)]
    rows = [
        ReviewRow(
            ends_at=START + days(week),
            alert_id=None,
            document={"cell": {"process": process, "category": category, "region": region}, "odds": 1e17, "week": week},
        )
        for week in (0, 7)
        for process, category, region in cells
    ]
    facts = Facts()
    facts.reviews += rows
    await _save(rig, facts=facts)
    seen: list[ReviewRow] = []
    place: ReviewPlace | None = None
    while page := await rig.desk.reviews(place, 2):
        seen += page
        place = review_place(page[-1])
    assert seen == [rows[at] for at in (5, 4, 3, 2, 1, 0)]
    assert [type(row.document["odds"]) for row in seen] == [float] * 6


async def test_dead_letters_come_latest_first_and_are_found_by_their_number(rig: Rig) -> None:
    letters = [
        DeadLetter(
            topic="t",
            partition=0,
            offset=offset,
            item=0,
            rejected=Rejected(stage=Stage.INTAKE, reason="not_json", detail="body"),
            sha256="0" * 64,
            length=3,
            key=None if offset else b"\x00\xff",
            payload=None if offset else '{"a": "ü"}',
            at=START,
        )
        for offset in range(3)
    ]
    await _save(rig, dead_letters=letters)
    first = await rig.desk.dead_letters(None, 2)
    second = await rig.desk.dead_letters(first[-1].number, 2)
    assert [one.letter for one in (*first, *second)] == letters[::-1]
    assert await rig.desk.dead_letter(second[0].number) == second[0]


@pytest.mark.every_postgres
async def test_a_gauge_tells_which_share_of_a_team_s_alerts_was_noise(postgres_rig: PostgresRig) -> None:
    def ended(name: str, said: Disposition | None, **changes: Any) -> Alert:  # noqa: ANN401 - fields of an alert
        disposed = None if said is None else Disposed(disposition=said, by="ann", at=START)
        given: dict[str, Any] = {"state": AlertState.RESOLVED, "resolved_at": START, "disposed": disposed, **changes}
        return _alert(name, Severity.HIGH, START, **given)

    await _save(
        postgres_rig,
        ended("a", Disposition.NOISE),
        ended("b", Disposition.DUPLICATE),
        ended("c", Disposition.WRONG_TEAM),
        ended("d", Disposition.ACTIONABLE),
        ended("e", None),
        ended("f", Disposition.NOISE, resolved_at=START - days(90)),
        ended("g", Disposition.NOISE, state=AlertState.OPEN, resolved_at=None),
        ended("h", Disposition.ACTIONABLE, team="others"),
    )
    readings = await PostgresGauges(postgres_rig.pool).readings(START + days(0.5))
    assert [one for one in readings if one[0] == "noise_ratio"] == [
        ("noise_ratio", ("desk",), 0.75),
        ("noise_ratio", ("others",), 0.0),
    ]


@pytest.mark.every_postgres
async def test_gauges_tell_open_alerts_and_how_long_the_oldest_waits_for_anybody(postgres_rig: PostgresRig) -> None:
    acked = _alert("z", Severity.HIGH, START, opened_at=START - days(5), acked_until=START + days(1), acked_by="ann")
    closed = _alert("x", Severity.LOW, START, state=AlertState.RESOLVED, resolved_at=START, opened_at=START - days(9))
    waiting = [_alert(name, Severity.HIGH, START) for name in "abc"]
    others = [_alert(severity, severity, START, team="others", opened_at=START - days(1)) for severity in Severity]
    await _save(postgres_rig, acked, closed, *waiting, *others)
    readings = await PostgresGauges(postgres_rig.pool).readings(START + days(0.5))
    assert sorted(readings) == sorted(
        [
            ("alerts_open", ("desk", "high"), 4),
            *(("alerts_open", ("others", severity.value), 1) for severity in Severity),
            ("oldest_unacked_seconds", ("desk",), 43_200.0),
            ("oldest_unacked_seconds", ("others",), 129_600.0),
            ("erasures_open", (), 0),
            ("oldest_erasure_seconds", (), 0.0),
        ]
    )
