from datetime import timedelta

import pytest
from msgspec.structs import replace

from service.core.pipeline.act import Acted, ActOutcome, Asked, Deed, act
from service.core.pipeline.rules import compile_playbook
from service.core.records.alerts import Alert, Disposed
from service.core.records.facts import Facts
from service.core.records.words import AlertState, Disposition, NoticeReason
from tests.builders import START, Timeline, make_playbook, survey

RULES = compile_playbook(make_playbook())
HOUR = timedelta(hours=1)


def _announced() -> Alert:
    """Return an alert whose team was told once, two minutes in."""
    timeline = Timeline()
    timeline.push(timedelta(minutes=1), survey("r1", 0, "late, awful"))
    timeline.wait(timedelta(minutes=2))
    (alert,) = timeline.store.rows.alerts.values()
    return alert


def _act(alert: Alert, deed: Deed, revision: int = 1, after: timedelta = HOUR) -> tuple[Acted, Facts]:
    facts = Facts()
    facts.alerts.load({alert.alert_id: alert})
    asked = Asked(alert_id=alert.alert_id, deed=deed, revision=revision, by="ana")
    return act(facts, asked, START + after, RULES), facts


def test_an_acknowledgement_holds_repeats_until_it_expires() -> None:
    acted, facts = _act(_announced(), Deed.ACK)
    assert acted == Acted(outcome=ActOutcome.DONE, alert=facts.alerts[_announced().alert_id])
    assert acted.alert == replace(_announced(), acked_until=START + 25 * HOUR, acked_by="ana", handled_at=START + HOUR)
    assert facts.notices == []


def test_a_resolved_alert_is_told_once_the_interval_has_passed() -> None:
    soon, _ = _act(_announced(), Deed.RESOLVE, after=timedelta(minutes=5))
    late, facts = _act(_announced(), Deed.RESOLVE)
    assert soon.alert is not None
    assert late.alert is not None
    assert (soon.alert.state, soon.alert.flush_at) == (AlertState.RESOLVED, START + timedelta(minutes=17))
    assert [notice.reason for notice in facts.notices] == [NoticeReason.RESOLVED]
    assert (late.alert.revision, late.alert.resolved_at) == (2, START + HOUR)


def test_what_was_never_told_ends_in_silence() -> None:
    timeline = Timeline()
    timeline.push(timedelta(), survey("r1", 0, "late, awful"))
    (alert,) = timeline.store.rows.alerts.values()
    acted, facts = _act(alert, Deed.RESOLVE, revision=0, after=timedelta(seconds=30))
    assert acted.alert is not None
    assert (acted.outcome, acted.alert.state, acted.alert.flush_at) == (ActOutcome.DONE, AlertState.RESOLVED, None)
    assert facts.notices == []


@pytest.mark.parametrize("deed", [Deed.ACK, Deed.RESOLVE])
@pytest.mark.parametrize(
    ("revision", "outcome"), [(0, ActOutcome.STALE_REVISION), (2, ActOutcome.REVISION_AHEAD), (1, ActOutcome.DONE)]
)
def test_only_who_has_seen_the_last_notice_may_act(deed: Deed, revision: int, outcome: ActOutcome) -> None:
    acted, facts = _act(_announced(), deed, revision)
    assert acted.outcome is outcome
    assert (acted.alert == _announced(), facts.alerts.written == {}) == (outcome is not ActOutcome.DONE,) * 2


@pytest.mark.parametrize("deed", sorted(set(Deed) - {Deed.NOTE, Deed.REOPEN}))
def test_a_resolved_alert_can_not_be_acted_on(deed: Deed) -> None:
    resolved, _ = _act(_announced(), Deed.RESOLVE)
    assert resolved.alert is not None
    acted, _ = _act(resolved.alert, deed, revision=2)
    assert acted == Acted(outcome=ActOutcome.ALREADY_RESOLVED, alert=resolved.alert)


def test_an_alert_that_is_no_longer_the_latest_of_its_key_is_left_alone() -> None:
    asked = Asked(alert_id="earlier", deed=Deed.ACK, revision=1, by="ana")
    assert act(Facts(), asked, START, RULES) == Acted(outcome=ActOutcome.SUCCEEDED, alert=None)


def test_who_resolves_an_alert_may_say_what_it_was() -> None:
    alert = _announced()
    facts = Facts()
    facts.alerts.load({alert.alert_id: alert})
    asked = Asked(
        alert_id=alert.alert_id,
        deed=Deed.RESOLVE,
        revision=1,
        by="ana",
        disposition=Disposition.DUPLICATE,
        duplicate_of="another",
    )
    acted = act(facts, asked, START + HOUR, RULES)
    assert acted.alert is not None
    assert acted.alert.disposed == Disposed(
        disposition=Disposition.DUPLICATE, by="ana", at=START + HOUR, duplicate_of="another"
    )
    assert acted.alert.handled_at == START + HOUR


def test_what_an_alert_was_stays_said_when_it_is_reopened_until_a_person_ends_it_again() -> None:
    said = Disposed(disposition=Disposition.NOISE, by="ben", at=START)
    silent, _ = _act(replace(_announced(), disposed=said), Deed.RESOLVE)
    acked, _ = _act(replace(_announced(), disposed=said), Deed.ACK)
    assert (silent.alert and silent.alert.disposed, acked.alert and acked.alert.disposed) == (None, said)
