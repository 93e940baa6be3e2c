"""Who brought a matter up hears once how a person settled it, hears it taken back, and nobody else hears anything."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from service.core.contracts.outcome import OutcomeState
from service.core.outreach import ANSWERED_TOPIC, OUTCOMES_TOPIC, Contributor, Telling, due, marked, messages
from service.core.playbook.faults import faults
from service.core.playbook.outreach import Outreach
from service.core.records.alerts import Alert, Disposed, FollowUp, Step, ToldOutcome
from service.core.records.words import AlertKind, AlertState, Disposition
from tests.builders import START, make_playbook

LATER = START + timedelta(hours=1)
OPEN = Alert(
    alert_id="a-1",
    alert_key="v1:1",
    episode=1,
    kind=AlertKind.EVENT,
    team="drivers",
    route="root",
    process="shipping",
    category="delivery",
    opened_at=START,
    first_seen=START,
    last_seen=START,
)
SETTLED = replace(
    OPEN,
    state=AlertState.RESOLVED,
    resolved_at=START,
    disposed=Disposed(disposition=Disposition.ACTIONABLE, by="ana", at=START),
)
TOOL = Contributor(source="/typeform/acme", subject="response/1", event_id="r-1", by_staff=False)
STAFF = Contributor(source="/staff", subject="feedback/s1", event_id="s-1", by_staff=True)
TELLING = Telling(asked=Outreach(), title="Late delivery", team="Drivers", playbook="p", source="/feedback-router")


def told(alert: Alert, *contributors: Contributor, asked: Outreach | None = None) -> list[tuple[str, dict[str, Any]]]:
    telling = TELLING if asked is None else replace(TELLING, asked=asked)
    found = messages(alert, contributors, telling, LATER)
    return [(one.topic, orjson.loads(one.value)["data"]) for one in found]


def test_only_what_a_person_settled_with_a_disposition_is_told() -> None:
    by_itself = replace(SETTLED, resolved_at=LATER)
    without_a_word = replace(SETTLED, disposed=None)
    of_another_team = replace(SETTLED, copy=True)
    elsewhere = replace(SETTLED, merged_into="a-2")
    alerts = (SETTLED, OPEN, by_itself, without_a_word, of_another_team, elsewhere)
    assert [due(one) for one in alerts] == [OutcomeState.RESOLVED, None, None, None, None, None]


def test_what_was_told_is_told_once_taken_back_once_and_told_again_of_another_end() -> None:
    first = marked(SETTLED)
    assert (due(first), first.told_outcome) == (None, ToldOutcome(times=1, of=START))
    again = replace(first, state=AlertState.OPEN, resolved_at=None)
    assert due(again) is OutcomeState.REOPENED
    second = marked(again)
    assert (due(second), second.told_outcome) == (None, ToldOutcome(times=2, of=None))
    closed = replace(second, state=AlertState.RESOLVED, resolved_at=LATER)
    assert due(closed) is None
    noise = replace(closed, disposed=Disposed(disposition=Disposition.NOISE, by="ana", at=LATER))
    assert due(noise) is OutcomeState.RESOLVED
    assert due(marked(noise)) is None


def test_what_was_resolved_before_there_were_outcomes_is_not_taken_back() -> None:
    before = replace(SETTLED, told_outcome=ToldOutcome(times=0, of=START))
    assert [due(before), due(replace(before, state=AlertState.OPEN))] == [None, None]


def test_the_tool_hears_what_became_of_its_subject_and_the_employee_in_words() -> None:
    outcome = {
        "idempotency_key": "outcome:a-1:1:" + "x" * 32,
        "source": "/typeform/acme",
        "subject": "response/1",
        "event_id": "r-1",
        "alert_id": "a-1",
        "revision": 1,
        "state": "resolved",
        "disposition": "actionable",
        "resolved_at": "2026-05-04T09:00:00Z",
        "kind": "event",
        "team": "drivers",
        "category": "delivery",
        "process": "shipping",
        "action": None,
        "playbook": "p",
    }
    (first, second, third) = told(marked(SETTLED), TOOL, STAFF)
    assert [first[0], second[0], third[0]] == [OUTCOMES_TOPIC, OUTCOMES_TOPIC, ANSWERED_TOPIC]
    key = first[1]["idempotency_key"]
    assert (first[1] | {"idempotency_key": ""}, key[:14], len(key)) == (
        outcome | {"idempotency_key": ""},
        "outcome:a-1:1:",
        46,
    )
    assert (second[1]["source"], second[1]["subject"]) == ("/staff", "feedback/s1")
    assert (third[1]["title"], third[1]["disposition"]) == ("Late delivery", "actionable")
    assert third[1]["text"] == "Drivers looked into what you said and acted on it."


def test_what_is_open_again_has_a_higher_revision_and_no_employee_hears_of_it() -> None:
    again = marked(replace(marked(SETTLED), state=AlertState.OPEN, resolved_at=None))
    ((topic, data),) = told(again, STAFF)
    assert (topic, data["revision"], data["state"]) == (OUTCOMES_TOPIC, 2, "reopened")
    assert (data["disposition"], data["resolved_at"]) == (None, None)


def test_what_was_done_about_a_review_is_told_in_the_words_that_the_team_reads() -> None:
    done = FollowUp(action=Step(taken_at=START, by="ana", text="A new carrier since May."))
    ((_, data), _) = told(marked(replace(SETTLED, follow_up=done)), STAFF)
    assert data["action"] == "A new carrier since May."


@pytest.mark.parametrize("disposition", list(Disposition))
def test_every_disposition_has_a_sentence(disposition: Disposition) -> None:
    said = replace(SETTLED, disposed=Disposed(disposition=disposition, by="ana", at=START))
    assert told(marked(said), STAFF)[-1][1]["text"].startswith("Drivers looked into what you said")


def test_a_playbook_names_topics_by_how_sources_begin_and_turns_either_off() -> None:
    topics = {"/typeform": "tools.outcomes", "/typeform/acme": "acme.outcomes"}
    assert [topic for topic, _ in told(marked(SETTLED), TOOL, asked=Outreach(topics=topics))] == ["acme.outcomes"]
    assert [topic for topic, _ in told(marked(SETTLED), STAFF, asked=Outreach(outcomes=False))] == [ANSWERED_TOPIC]
    assert [topic for topic, _ in told(marked(SETTLED), STAFF, asked=Outreach(employees=False))] == [OUTCOMES_TOPIC]


@pytest.mark.parametrize("topic", ["feedback.surveys", "queue.drivers", "feedback.classified", "feedback.answered"])
def test_outcomes_go_to_no_topic_that_is_read_or_carries_something_else(topic: str) -> None:
    playbook = make_playbook(outreach={"topics": {"/typeform": topic, "/other": "tools.outcomes"}})
    assert [".".join(map(str, one.path)) for one in faults(playbook)] == ["outreach.topics./typeform"]
