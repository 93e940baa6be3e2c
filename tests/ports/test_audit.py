"""The audit on every store: each act leaves one entry in its own transaction, and the chain is whole whoever races."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

import asyncpg
import pytest

from service.adapters.postgres.scanning import tables
from service.core.access import MAY, OPERATOR, Denial, Principal, Role
from service.core.audit import Action, Anchor, AuditFault, Fault, Head, ObjectKind, Sealed, named, verify
from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed
from service.core.pipeline.audited import of_alert
from service.core.pipeline.refiling import Refiling
from service.core.pipeline.rules import Rules
from service.core.pipeline.silencing import Lifting
from service.core.records.alerts import Alert
from service.core.records.doer import SERVICE, Doer, Means
from service.core.records.facts import Facts
from service.core.records.words import Disposition, Kept
from service.ports import AuditWanted, Denied, Look, Saving, StoredModel, Wanted
from service.runtime.acting import Acting
from service.runtime.auditing import AuditBook
from service.runtime.refiling import RefilingActs
from service.runtime.rulebook import Rulebook
from tests.builders import START, survey
from tests.core.audit.chains import entry
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import RULES, claimed, complaint, decide
from tests.ports.silencing import opened
from tests.ports.test_access import KEY, SESSION

pytestmark = pytest.mark.postgres

ANA = Doer(name="ana", role="agent", means=Means.PROVED)
# Before anybody is told, so that no notice makes an act stale.
LATER = START + timedelta(seconds=30)
EVERYTHING = AuditWanted()


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


async def _now() -> datetime:
    return LATER


def acting(rig: Rig) -> Acting:
    return Acting(rig.store, Rulebook(RULES, _no_other_rules), _now)


async def the_alerts(rig: Rig) -> list[Alert]:
    """Hear of a late delivery and a refund; return the alert of each."""
    await decide(rig.store, await claimed(rig.store), complaint(1), survey("r2", 0, "refund, awful", customer="ben"))
    queues = [await rig.desk.queue(Wanted(team=team), None, 10) for team in ("drivers", "refunds")]
    return [alert for queue in queues for alert in queue]


async def do(rig: Rig, alert: Alert, deed: Deed, disposition: Disposition | None = None) -> Acted:
    asked = Asked(
        alert_id=alert.alert_id, deed=deed, revision=alert.revision, by="ana", doer=ANA, disposition=disposition
    )
    acted = await acting(rig)(asked, alert.alert_key, None, lambda _: "")
    assert isinstance(acted, Acted)
    return acted


async def whole(rig: Rig) -> tuple[Anchor | None, Head, Sequence[Sealed]]:
    async with rig.audit.chain() as chain:
        return chain.anchor, chain.head, [one async for one in chain.entries]


async def fault(rig: Rig) -> Fault | None:
    anchor, head, entries = await whole(rig)
    return verify(entries, head, anchor)


async def test_a_chain_without_entries_is_whole(rig: Rig) -> None:
    assert await whole(rig) == (None, Head(seq=0, hash="0" * 64), [])
    assert await fault(rig) is None


async def test_an_act_leaves_an_entry_with_how_the_alert_stood_before_and_after(rig: Rig) -> None:
    alert, _ = await the_alerts(rig)
    await do(rig, alert, Deed.RESOLVE, Disposition.NOISE)
    (one,) = await rig.audit.page(EVERYTHING, None, 10)
    told = {"team": "drivers", "revision": 0, "severity": "critical", "events": 1, "customers": 1}
    at = LATER.isoformat()
    assert (one.seq, one.entry.doer, one.entry.action, one.entry.at) == (1, ANA, Action.ALERT_RESOLVE, LATER)
    assert (one.entry.kind, one.entry.object_id, one.entry.team) == (ObjectKind.ALERT, alert.alert_id, "drivers")
    severity = alert.severity.value
    assert one.entry.before == {**told, "severity": severity, "state": "open"}
    assert one.entry.after == {
        **told,
        "severity": severity,
        "state": "resolved",
        "resolved_at": at,
        "disposed": {"disposition": "noise", "by": "ana", "at": at},
    }
    assert await fault(rig) is None


async def test_an_act_that_is_refused_or_fails_leaves_none(rig: Rig) -> None:
    alert, _ = await the_alerts(rig)
    asked = Asked(alert_id=alert.alert_id, deed=Deed.ACK, revision=7, by="ana")
    refused = await acting(rig)(asked, alert.alert_key, None, lambda _: "")
    assert isinstance(refused, Acted)
    assert refused.outcome is ActOutcome.REVISION_AHEAD

    async def failing() -> None:
        facts = Facts()
        async with rig.store.transaction() as transaction:
            told = of_alert(asked, None, alert, LATER)
            await transaction.save(Saving(facts=facts, digest=RULES.digest, now=LATER, audit=(told,)))
            raise RuntimeError("the power is out")

    with pytest.raises(RuntimeError, match="the power is out"):
        await failing()
    assert await whole(rig) == (None, Head(seq=0, hash="0" * 64), [])


async def test_silences_corrections_playbooks_and_models_leave_entries_too(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.push(timedelta(), complaint(1))
    await shop.silence("s-1")
    await shop.ask(Lifting(silence_id="s-1", revision=1, by="ana", doer=ANA))
    refile = RefilingActs(rig.store, Rulebook(RULES, _no_other_rules), _now)
    said = Refiling(source="/surveys", subject="response/r1", event_id="r1-1", by="kim", meant=("refund",), reason="R")
    await refile(said, None, lambda _: "")
    await refile(said, None, lambda _: "")
    model = StoredModel(digest="d", name="shop", size=3, report={}, stored_at=START)
    assert [await rig.models.store(model, b"abc", ANA), await rig.models.store(model, b"abc", ANA)] == [True, False]
    await rig.shelf.activate("d-1", "first", {}, START)
    await rig.shelf.activate("d-2", "second", {}, START, ANA)
    found = [one.entry for one in reversed(await rig.audit.page(EVERYTHING, None, 20))]
    reason = {"length": 1, "sha256": sha256(b"R").hexdigest()}
    assert [(one.doer.name, one.action.value, one.object_id) for one in found] == [
        ("ana", "silence.create", "s-1"),
        ("ana", "silence.lift", "s-1"),
        ("kim", "feedback.refile", named("/surveys", "r1-1")),
        ("ana", "model.store", "d"),
        ("feedback-router", "playbook.activate", "d-1"),
        ("ana", "playbook.activate", "d-2"),
    ]
    assert (found[2].team, found[2].before) == ("refunds", {"category": "delivery", "method": "keyword"})
    assert found[2].after == {"meant": ["refund"], "number": 1, "reason": reason}
    assert found[4].doer == SERVICE
    assert (found[5].before, found[5].after) == ({"digest": "d-1"}, {"digest": "d-2", "name": "second"})
    assert await fault(rig) is None


async def test_pages_go_backwards_and_take_what_is_asked_for(rig: Rig) -> None:
    await rig.audit.write(*[entry(number) for number in range(1, 6)])

    async def seqs(wanted: AuditWanted, before: int | None = None, limit: int = 10) -> list[int]:
        return [one.seq for one in await rig.audit.page(wanted, before, limit)]

    assert await seqs(EVERYTHING, None, 2) == [5, 4]
    assert await seqs(EVERYTHING, 4, 2) == [3, 2]
    assert await seqs(AuditWanted(kind=ObjectKind.ALERT, object_id="alert-2")) == [2]
    assert await seqs(AuditWanted(actor="ana", action=Action.ALERT_ACK, team="drivers"), 3) == [2, 1]
    assert await seqs(AuditWanted(since=entry(2).at, until=entry(4).at)) == [3, 2]
    for other in (AuditWanted(actor="ben"), AuditWanted(action=Action.ALERT_NOTE), AuditWanted(team="refunds")):
        assert await seqs(other) == []


async def test_what_is_older_than_whole_days_is_cut_and_what_is_left_is_a_chain(rig: Rig) -> None:
    day = timedelta(days=1)
    await rig.audit.write(*[entry(number * 24 * 60) for number in range(1, 5)])
    assert await rig.store.remove(Kept.AUDIT, START + day, 100) == 0
    assert await rig.store.remove(Kept.AUDIT, START + 2 * day, 100) == 1
    assert await rig.store.remove(Kept.AUDIT, START + 4 * day, 1) == 1
    anchor, head, entries = await whole(rig)
    assert anchor is not None
    assert ([one.seq for one in entries], anchor.seq, head.seq) == ([3, 4, 5, 6], 2, 6)
    last = entries[-1].entry
    assert (last.doer, last.action, last.after) == (
        SERVICE,
        Action.AUDIT_CUT,
        {"seq": 2, "hash": anchor.hash, "entries": 1},
    )
    assert verify(entries, head, anchor) is None
    assert await rig.store.remove(Kept.AUDIT, START + 3 * day, 100) == 0


async def test_twenty_who_act_at_once_leave_one_unbroken_chain(rig: Rig) -> None:
    first, second = await the_alerts(rig)

    async def activate(number: int) -> None:
        await rig.audit.write(entry(number))

    acts = [do(rig, alert, Deed.ACK) for alert in (first, second) * 10]
    await asyncio.gather(*acts, *(activate(number) for number in range(10)))
    _, head, entries = await whole(rig)
    assert (head.seq, [one.seq for one in entries]) == (30, list(range(1, 31)))
    assert await fault(rig) is None


async def test_denials_and_looks_are_entries_that_name_no_event(rig: Rig) -> None:
    book = AuditBook(rig.audit, lambda: START)
    who = Principal(name="ana", role=Role.VIEWER, teams=None, permissions=MAY[Role.VIEWER], subject="oidc:1")
    path = "/v1/events/{source}/{id}/explain"
    names = (("id", "r-1"), ("source", "/surveys"))
    await book.note_denial(Denied(denial=Denial.NOT_PERMITTED, who=who, method="GET", path=path, names=names))
    await book.note_denial(Denied(denial=Denial.WRONG_KEY, who=None, method="GET", path="?"))
    await book.note_look(Look(who=who, path="/v1/alerts/{alert_id}", names=(("alert_id", "a-1"),)))
    await book.note_look(Look(who=OPERATOR, path="/v1/teams/{team}/queue", names=(("team", "drivers"),)))
    proved = Doer(name="ana", role="viewer", means=Means.PROVED)
    hashed = {"id": named("r-1"), "source": named("/surveys")}
    found = [one.entry for one in reversed(await rig.audit.page(EVERYTHING, None, 10))]
    assert [(one.doer, one.action.value, one.object_id, one.team, one.outcome.value) for one in found] == [
        (proved, "access.deny", path, None, "denied"),
        (Doer(name="unknown"), "access.deny", "?", None, "denied"),
        (proved, "verbatims.read", "a-1", None, "done"),
        (Doer(name="operator", role="admin"), "verbatims.read", "/v1/teams/{team}/queue", "drivers", "done"),
    ]
    assert found[0].after == {"reason": "not_permitted", "method": "GET", "names": hashed}
    assert (found[2].kind, found[2].after) == (
        ObjectKind.ALERT,
        {"path": "/v1/alerts/{alert_id}", "names": {"alert_id": "a-1"}},
    )


async def test_nothing_that_a_person_wrote_and_no_customer_is_in_the_tables(postgres_rig: PostgresRig) -> None:
    alert, _ = await the_alerts(postgres_rig)
    asked = Asked(
        alert_id=alert.alert_id, deed=Deed.NOTE, revision=alert.revision, by="ana", text="Rang Wilhelmina about it."
    )
    await acting(postgres_rig)(asked, alert.alert_key, None, lambda _: "")
    refile = RefilingActs(postgres_rig.store, Rulebook(RULES, _no_other_rules), _now)
    said = Refiling(
        source="/surveys",
        subject="response/r1",
        event_id="r1-1",
        by="kim",
        meant=("refund",),
        reason="Wilhelmina.",
    )
    await refile(said, None, lambda _: "")
    found = [one async for one in tables(postgres_rig.pool) if one.place.startswith("audit")]
    assert {"audit.actor", "audit.after", "audit_head.hash"} <= {one.place for one in found}
    private = ("Wilhelmina", "r1-1", "response/r1", "customer-1", "k1:", "late, awful")
    assert [one.place for one in found for word in private if word in str(one.value)] == []


async def test_keys_and_sessions_leave_entries_without_a_secret(postgres_rig: PostgresRig) -> None:
    await postgres_rig.keys.keep(KEY, ANA)
    await postgres_rig.keys.keep(KEY, ANA)
    await postgres_rig.keys.revoke(KEY.key_id, LATER, ANA)
    await postgres_rig.sessions.open(SESSION, START)
    await postgres_rig.sessions.end(SESSION.digest, LATER)
    found = [one.entry for one in reversed(await postgres_rig.audit.page(EVERYTHING, None, 10))]
    assert [(one.doer.name, one.action.value, one.object_id) for one in found] == [
        ("ana", "key.create", KEY.key_id),
        ("ana", "key.revoke", KEY.key_id),
        ("Zoë", "session.open", named(SESSION.digest)),
        ("Zoë", "session.close", named(SESSION.digest)),
    ]
    assert found[0].after == found[1].before
    assert found[0].after == {
        "name": "Zoë's console",
        "role": "lead",
        "permissions": ["act", "read"],
        "teams": ["drivers", "legal"],
        "expires_at": "2026-08-02T09:00:00+00:00",
    }
    assert KEY.digest not in str(found)


@pytest.mark.every_postgres
async def test_the_database_lets_nobody_change_what_is_written(postgres_rig: PostgresRig) -> None:
    await postgres_rig.audit.write(*[entry(number * 24 * 60) for number in range(1, 5)])
    await postgres_rig.store.remove(Kept.AUDIT, START + timedelta(days=2), 100)
    before = await whole(postgres_rig)
    statements = ("UPDATE {} SET hash = 'f'", "DELETE FROM {}", "TRUNCATE {}")
    # A superuser who owns the tables says all of these.
    for statement in [one.format(table) for one in statements for table in ("audit", "audit_anchor")]:
        with pytest.raises(asyncpg.RestrictViolationError, match="only ever added to"):
            await postgres_rig.pool.execute(statement)
    assert await whole(postgres_rig) == before


# What somebody does who may do anything: the triggers are off, and rows say what they did not.
_TAMPERED = {
    "UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET actor = 'ben' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET role = 'admin' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET means = 'claimed' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET action = 'alert.resolve' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET kind = 'silence' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET object_id = 'x' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET team = NULL WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET before = '{\"revision\": 4}' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET after = NULL WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET outcome = 'denied' WHERE seq = 3": (3, AuditFault.ALTERED),
    "UPDATE audit SET hash = repeat('0', 64) WHERE seq = 3": (3, AuditFault.ALTERED),
    "DELETE FROM audit WHERE seq = 3": (3, AuditFault.GAP),
    "DELETE FROM audit WHERE seq > 3": (4, AuditFault.CUT_OFF),
    "DELETE FROM audit": (1, AuditFault.CUT_OFF),
    "DELETE FROM audit WHERE seq < 3": (1, AuditFault.GAP),
    "UPDATE audit SET seq = 15 - seq WHERE seq IN (2, 3); UPDATE audit SET seq = seq - 10 WHERE seq > 10": (
        2,
        AuditFault.ALTERED,
    ),
    "UPDATE audit_head SET seq = 4": (5, AuditFault.BEYOND_HEAD),
    "UPDATE audit_head SET hash = repeat('0', 64)": (5, AuditFault.HEAD_DIFFERS),
    "INSERT INTO audit_anchor SELECT seq, hash, 2, now() FROM audit WHERE seq = 2; DELETE FROM audit WHERE seq < 3": (
        2,
        AuditFault.UNSIGNED_CUT,
    ),
}
_TABLES = ("audit", "audit_head", "audit_anchor")


async def test_whoever_gets_past_the_database_is_found_by_the_chain(postgres_rig: PostgresRig) -> None:
    await postgres_rig.audit.write(*[entry(number) for number in range(1, 6)])
    found = {}
    async with postgres_rig.pool.acquire() as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("; ".join(f"CREATE TABLE kept_{one} AS TABLE {one}" for one in _TABLES))
        again = "; ".join(f"TRUNCATE {one}; INSERT INTO {one} TABLE kept_{one}" for one in _TABLES)
        for statement in _TAMPERED:
            await connection.execute(statement)
            found[statement] = await fault(postgres_rig)
            await connection.execute(again)
        await connection.execute("RESET session_replication_role")
    assert found == {one: Fault(seq=seq, reason=reason) for one, (seq, reason) in _TAMPERED.items()}
    assert await fault(postgres_rig) is None
