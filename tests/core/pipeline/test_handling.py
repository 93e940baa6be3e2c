from datetime import timedelta

import pytest
from msgspec.structs import replace

from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed, act
from service.core.pipeline.reassign import destination
from service.core.pipeline.rules import compile_playbook
from service.core.records.alerts import Alert
from service.core.records.facts import Facts
from service.core.records.handling import Act, Claim, Snooze
from service.core.records.muting import Held
from service.core.records.words import AlertState, NoticeReason, Severity, Wait
from tests.builders import START, Timeline, make_playbook, survey

RULES = compile_playbook(make_playbook(fatigue={"claim_lease": "20m"}))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def _announced() -> Alert:
    timeline = Timeline()
    timeline.push(MINUTE, survey("r1", 0, "late, awful"))
    timeline.wait(2 * MINUTE)
    (alert,) = timeline.store.rows.alerts.values()
    return alert


def _act(
    alert: Alert,
    deed: Deed,
    after: timedelta = HOUR,
    by: str = "ana",
    until: timedelta | None = None,
    text: str | None = None,
    *,
    force: bool = False,
) -> tuple[Acted, Facts]:
    facts = Facts()
    facts.alerts.load({alert.alert_id: alert})
    asked = Asked(
        alert_id=alert.alert_id,
        deed=deed,
        revision=None if deed is Deed.NOTE else alert.revision,
        by=by,
        until=None if until is None else START + until,
        text=text,
        force=force,
    )
    return act(facts, asked, START + after, RULES), facts


def _done(alert: Alert, deed: Deed, after: timedelta = HOUR, by: str = "ana", *, force: bool = False) -> Alert:
    acted, _ = _act(alert, deed, after, by, after + HOUR if deed is Deed.SNOOZE else None, force=force)
    assert (acted.outcome, acted.alert is not None) == (ActOutcome.DONE, True)
    assert acted.alert is not None
    return acted.alert


def test_a_claim_is_all_that_claiming_changes_and_is_kept_as_an_act() -> None:
    acted, facts = _act(_announced(), Deed.CLAIM)
    claim = Claim(by="ana", at=START + HOUR, until=START + HOUR + 20 * MINUTE)
    assert acted.alert == replace(_announced(), claim=claim, handled_at=START + HOUR)
    assert (facts.notices, facts.acts) == (
        [],
        [Act(alert_id=_announced().alert_id, at=START + HOUR, deed=Deed.CLAIM, by="ana")],
    )


@pytest.mark.parametrize(
    ("after", "by", "force", "since"),
    [
        pytest.param(10 * MINUTE, "ana", False, timedelta(), id="who has it renews it"),
        pytest.param(20 * MINUTE, "ana", False, 20 * MINUTE, id="a claim that has ended begins anew"),
        pytest.param(20 * MINUTE, "ben", False, 20 * MINUTE, id="or is another's"),
        pytest.param(10 * MINUTE, "ben", True, 10 * MINUTE, id="who insists takes it"),
    ],
)
def test_who_has_a_claim_since_when(after: timedelta, by: str, since: timedelta, *, force: bool) -> None:
    again = _done(_done(_announced(), Deed.CLAIM), Deed.CLAIM, HOUR + after, by, force=force)
    assert again.claim == Claim(by=by, at=START + HOUR + since, until=START + HOUR + after + 20 * MINUTE)


@pytest.mark.parametrize("deed", sorted(set(Deed) - {Deed.NOTE, Deed.REOPEN}))
def test_nothing_but_a_note_passes_another_s_claim(deed: Deed) -> None:
    mine = _done(_announced(), Deed.CLAIM)
    acted, facts = _act(mine, deed, HOUR + MINUTE, "ben", 2 * HOUR)
    assert (acted, facts.acts) == (Acted(outcome=ActOutcome.CLAIMED_BY_OTHER, alert=mine), [])


def test_who_insists_ends_the_claim_and_the_act_says_whose_it_was() -> None:
    acted, facts = _act(_done(_announced(), Deed.CLAIM), Deed.ACK, HOUR + MINUTE, "ben", force=True)
    assert acted.alert is not None
    assert (acted.alert.claim, acted.alert.acked_by, facts.acts[0].said) == (None, "ben", {"claim_of": "ana"})


@pytest.mark.parametrize("deed", [Deed.RESOLVE, Deed.DISPUTE])
def test_a_claim_ends_with_what_takes_the_alert_out_of_hand(deed: Deed) -> None:
    facts, mine = Facts(), _done(_announced(), Deed.CLAIM)
    facts.alerts.load({mine.alert_id: mine})
    to = destination(mine, "legal") if deed is Deed.DISPUTE else None
    asked = Asked(alert_id=mine.alert_id, deed=deed, revision=mine.revision, by="ana", to=to)
    acted = act(facts, asked, START + HOUR + MINUTE, RULES)
    assert acted.alert is not None
    assert (acted.outcome, acted.alert.claim) == (ActOutcome.DONE, None)


def test_what_is_put_aside_is_held_at_once_until_it_comes_back() -> None:
    acted, facts = _act(_announced(), Deed.SNOOZE, until=5 * HOUR)
    until = START + 5 * HOUR
    held = Held(
        why=Wait.SNOOZED,
        by="ana",
        since=START + HOUR,
        until=until,
        severity=Severity.HIGH,
        events=1,
        customers=1,
        events_before=1,
        customers_before=1,
    )
    assert acted.alert == replace(
        _announced(),
        snooze=Snooze(by="ana", at=START + HOUR, until=until),
        held=held,
        flush_at=until,
        handled_at=START + HOUR,
    )
    assert (facts.notices, [one.said for one in facts.acts]) == ([], [{"until": "2026-05-04T14:00:00Z"}])


@pytest.mark.parametrize("until", [None, HOUR, HOUR - MINUTE, HOUR + timedelta(days=30, seconds=1)])
def test_a_snooze_ends_and_not_in_the_past(until: timedelta | None) -> None:
    acted, facts = _act(_announced(), Deed.SNOOZE, until=until)
    assert (acted, facts.acts) == (Acted(outcome=ActOutcome.BAD_TIME, alert=_announced()), [])


@pytest.mark.parametrize(("deed", "outcome"), [(Deed.UNSNOOZE, "not_snoozed"), (Deed.UNCLAIM, "not_claimed")])
def test_what_is_not_there_can_not_be_ended(deed: Deed, outcome: str) -> None:
    before = _done(_announced(), Deed.SNOOZE if deed is Deed.UNSNOOZE else Deed.CLAIM)
    assert _act(before, deed)[0].outcome is ActOutcome.DONE
    over, _ = _act(replace(before, held=None, flush_at=None), deed, 3 * HOUR)
    assert over.outcome == ActOutcome(outcome)
    assert _act(_announced(), deed)[0].outcome == ActOutcome(outcome)


def test_a_note_is_kept_redacted_and_changes_nothing_else() -> None:
    acted, facts = _act(_announced(), Deed.NOTE, text="Ask ann@example.org")
    assert acted.alert == replace(_announced(), handled_at=START + HOUR)
    assert [(one.deed, one.text) for one in facts.acts] == [(Deed.NOTE, "Ask [email]")]


def test_what_is_reopened_is_in_nobody_s_hand_and_closes_by_itself() -> None:
    over = _done(_done(_announced(), Deed.ACK), Deed.RESOLVE, 2 * HOUR)
    acted, facts = _act(over, Deed.REOPEN, 9 * HOUR)
    alert = acted.alert
    assert alert is not None
    assert (alert.state, alert.resolved_at, alert.acked_until, alert.acked_by) == (AlertState.OPEN, None, None, None)
    assert alert.close_at == START + 9 * HOUR + timedelta(days=14)
    assert [notice.reason for notice in facts.notices] == [NoticeReason.REOPENED]


def test_only_what_is_over_for_good_reasons_is_reopened() -> None:
    merged = replace(_done(_announced(), Deed.RESOLVE), merged_into="another")
    assert _act(_announced(), Deed.REOPEN)[0].outcome is ActOutcome.NOT_RESOLVED
    assert _act(merged, Deed.REOPEN)[0].outcome is ActOutcome.SUCCEEDED
