"""A chain that nobody touched is whole; one in which anything was changed, moved or taken out says where."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.audit import (
    GENESIS,
    Action,
    Anchor,
    AuditFault,
    AuditOutcome,
    Entry,
    Fault,
    Head,
    ObjectKind,
    Sealed,
    UnreadableLineError,
    cut_before,
    cut_entry,
    document,
    hash_of,
    opening,
    read_opening,
    read_sealed,
    seal,
    verify,
)
from service.core.records.doer import SERVICE, Doer, Means
from tests.builders import START
from tests.core.audit.chains import chain, entry

HEAD, WHOLE = chain(5)
# One other value for each part of an entry.
OTHER: dict[str, Any] = {
    "at": START,
    "doer": Doer(name="ben", role="lead", means=Means.PROVED),
    "action": Action.ALERT_RESOLVE,
    "kind": ObjectKind.SILENCE,
    "object_id": "alert-9",
    "team": None,
    "before": None,
    "after": {"revision": 3, "acked_by": "ben"},
    "outcome": AuditOutcome.DENIED,
}


def third(**changes: Any) -> Sequence[Sealed]:  # noqa: ANN401 - fields of an entry
    """Change the third entry, and leave its hash as it was."""
    one = WHOLE[2]
    return [*WHOLE[:2], replace(one, entry=replace(one.entry, **changes)), *WHOLE[3:]]


def test_a_chain_that_nobody_touched_is_whole() -> None:
    assert verify(WHOLE, HEAD) is None
    assert verify([], GENESIS) is None
    assert verify(WHOLE, HEAD, known={3: WHOLE[2].hash, 5: HEAD.hash}) is None


def test_the_hash_is_what_the_page_says_so_that_anybody_can_check_it() -> None:
    one = WHOLE[1]
    told = {name: value for name, value in document(one).items() if name != "hash"}
    text = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    assert sha256(WHOLE[0].hash.encode() + b"\n" + text).hexdigest() == one.hash
    assert text == (
        b'{"action":"alert.ack","actor":"ana","after":{"acked_by":"ana","revision":2},'
        b'"at":"2026-05-04T09:02:00.000000+00:00","before":{"revision":2},"id":"alert-2","kind":"alert",'
        b'"means":"proved","outcome":"done","role":"lead","seq":2,"team":"drivers"}'
    )


@pytest.mark.parametrize("name", [one.name for one in fields(Entry)])
def test_another_value_anywhere_is_found_at_its_place(name: str) -> None:
    assert verify(third(**{name: OTHER[name]}), HEAD) == Fault(seq=3, reason=AuditFault.ALTERED)


@pytest.mark.parametrize("doer", [Doer(name="ana", role="lead"), Doer(name="ana", role=None, means=Means.PROVED)])
def test_another_role_or_means_is_found(doer: Doer) -> None:
    assert verify(third(doer=doer), HEAD) == Fault(seq=3, reason=AuditFault.ALTERED)


def test_an_entry_that_was_changed_with_its_hash_betrays_itself_at_the_next() -> None:
    one = replace(WHOLE[2].entry, object_id="alert-9")
    forged = Sealed(seq=3, entry=one, hash=hash_of(WHOLE[1].hash, 3, one))
    assert verify([*WHOLE[:2], forged, *WHOLE[3:]], HEAD) == Fault(seq=4, reason=AuditFault.ALTERED)


def test_what_was_taken_out_moved_cut_off_or_added_is_found() -> None:
    assert verify([*WHOLE[:2], *WHOLE[3:]], HEAD) == Fault(seq=3, reason=AuditFault.GAP)
    assert verify([*WHOLE[:2], *WHOLE[1:]], HEAD) == Fault(seq=2, reason=AuditFault.OUT_OF_ORDER)
    assert verify([WHOLE[1], WHOLE[0], *WHOLE[2:]], HEAD) == Fault(seq=1, reason=AuditFault.GAP)
    assert verify(WHOLE[:4], HEAD) == Fault(seq=5, reason=AuditFault.CUT_OFF)
    assert verify(WHOLE, Head(seq=4, hash=WHOLE[3].hash)) == Fault(seq=5, reason=AuditFault.BEYOND_HEAD)
    assert verify(WHOLE, Head(seq=5, hash=WHOLE[3].hash)) == Fault(seq=5, reason=AuditFault.HEAD_DIFFERS)


@given(st.permutations(range(5)))
def test_no_other_order_passes(order: list[int]) -> None:
    fault = verify([WHOLE[at] for at in order], HEAD)
    assert (fault is None) == (order == sorted(order))


def test_a_chain_made_anew_is_found_by_a_head_that_was_noted_elsewhere() -> None:
    head, forged = seal(GENESIS, [entry(9), *(one.entry for one in WHOLE[1:])])
    assert verify(forged, head) is None
    assert verify(forged, head, known={4: WHOLE[3].hash}) == Fault(seq=4, reason=AuditFault.NOT_AS_KNOWN)


def test_a_tail_cut_off_with_the_head_is_found_by_a_head_that_was_noted_elsewhere() -> None:
    head = Head(seq=3, hash=WHOLE[2].hash)
    assert verify(WHOLE[:3], head) is None
    assert verify(WHOLE[:3], head, known={5: HEAD.hash}) == Fault(seq=4, reason=AuditFault.CUT_OFF)


def cut_at(seq: int) -> tuple[Anchor, Head, Sequence[Sealed]]:
    anchor = Anchor(seq=seq, hash=WHOLE[seq - 1].hash)
    head, added = seal(HEAD, [cut_entry(anchor, seq, START)])
    return anchor, head, [*WHOLE[seq:], *added]


def test_a_chain_whose_oldest_part_was_cut_is_whole_from_there_on() -> None:
    anchor, head, kept = cut_at(2)
    assert verify(kept, head, anchor) is None
    assert verify(kept, head, anchor, known={1: "0" * 64, 2: anchor.hash, 3: WHOLE[2].hash}) is None
    assert verify(kept, head) == Fault(seq=1, reason=AuditFault.GAP)
    assert verify(kept, head, anchor, known={2: "0" * 64}) == Fault(seq=2, reason=AuditFault.NOT_AS_KNOWN)


def test_a_cut_that_no_entry_answers_for_is_somebody_elses() -> None:
    anchor = Anchor(seq=2, hash=WHOLE[1].hash)
    assert verify(WHOLE[2:], HEAD, anchor) == Fault(seq=2, reason=AuditFault.UNSIGNED_CUT)
    _, head, kept = cut_at(2)
    further = Anchor(seq=3, hash=WHOLE[2].hash)
    assert verify(kept[1:], head, further) == Fault(seq=3, reason=AuditFault.UNSIGNED_CUT)


def test_whole_days_go_and_nothing_behind_what_is_younger() -> None:
    day = timedelta(days=1)
    times = [START, START + day, START + 3 * day, START + day]
    assert [cut_before(times, START + age) for age in (timedelta(), day, 2 * day, 3 * day, 4 * day)] == [0, 1, 2, 2, 4]


def test_a_line_of_an_export_is_the_entry_again() -> None:
    denied = Entry(at=START, doer=SERVICE, action=Action.ACCESS_DENY, kind=ObjectKind.REQUEST, object_id="listAudit")
    head, (sealed,) = seal(GENESIS, [denied])
    for one in (*WHOLE, sealed):
        assert read_sealed(orjson.dumps(document(one))) == one
    anchor = Anchor(seq=2, hash="a" * 64)
    assert read_opening(orjson.dumps(opening(anchor, head))) == (anchor, head)
    assert read_opening(orjson.dumps(opening(None, head))) == (None, head)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[]",
        b"{}",
        orjson.dumps({**document(WHOLE[0]), "action": "alert.burn"}),
        orjson.dumps({**document(WHOLE[0]), "more": 1}),
        orjson.dumps({**document(WHOLE[0]), "at": 7}),
    ],
)
def test_a_line_that_is_no_entry_is_refused(line: bytes) -> None:
    with pytest.raises(UnreadableLineError):
        read_sealed(line)
    with pytest.raises(UnreadableLineError):
        read_opening(line)
