"""What a person says that a feedback is about: it is filed, owned and counted by that, and as before once it is not."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.pipeline.refiling import RefilingOutcome
from service.core.records.decisions import Contribution, PartKey, Refiled
from service.core.records.heard import ModelSaid
from service.core.records.words import CategoryMethod, ModelUse
from service.core.refile import by_ladder
from tests.builders import SURVEYS, TICKETS, Timeline, instance, make_playbook, survey, ticket
from tests.core.pipeline.refiling import named, say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def held(timeline: Timeline, subject: str, part: str = "", source: str = SURVEYS) -> Contribution:
    return timeline.store.rows.contributions[PartKey(source, named(subject, source), part)]


def filed(one: Contribution) -> tuple[str, str, str, str, str]:
    """Return its category, the method, what it began as, its process and its team."""
    said = one.categorised
    return (said.category, said.method.value, one.began_as, one.process, one.routed.owner.team)


BY_RULES = ("delivery", "keyword", "delivery", "shipping", "drivers")
BY_ANA = ("refund", "person", "refund", "returns", "refunds")


def test_it_is_of_the_category_its_process_and_its_team_and_keeps_what_the_rules_make_of_it() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late"))
    before = held(timeline, "r1")
    done = say(timeline, 2 * HOUR, "r1", "r1-1", "refund", "delivery")
    now = held(timeline, "r1")
    assert done.contribution == now
    assert filed(now) == BY_ANA
    assert (now.categorised.categories, now.categorised.confidence) == (("refund", "delivery"), 1.0)
    assert now.refiled == Refiled(categorised=before.categorised, began_as="delivery")
    say(timeline, 3 * HOUR, "r1", "r1-1", back=True)
    assert held(timeline, "r1") == replace(before, versions=3)


def test_what_the_next_person_says_holds_and_one_word_takes_all_of_it_back() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late"))
    say(timeline, 2 * HOUR, "r1", "r1-1", "refund")
    second = say(timeline, 3 * HOUR, "r1", "r1-1", "safety", by="ben")
    assert second.correction is not None
    assert (second.correction.number, second.correction.given.category) == (2, "delivery")
    say(timeline, 4 * HOUR, "r1", "r1-1", back=True, by="cem")
    assert filed(held(timeline, "r1")) == BY_RULES
    said = [(one.meant, one.ended_by) for one in timeline.store.rows.corrections.values()]
    assert said == [(("refund",), "ben"), (("safety",), "cem")]
    assert say(timeline, 5 * HOUR, "r1", "r1-1", back=True).outcome is RefilingOutcome.NOT_REFILED


def test_a_linked_feedback_stays_with_the_process_of_its_instance() -> None:
    timeline = Timeline()
    timeline.push(HOUR, instance("i1", event_id="i1", process="shipping"))
    timeline.push(2 * HOUR, survey("r1", 0, "late", correlation={"instance": "i1"}))
    say(timeline, 3 * HOUR, "r1", "r1-1", "refund")
    assert filed(held(timeline, "r1")) == ("refund", "person", "refund", "shipping", "refunds")


def test_a_late_link_leaves_what_a_person_said() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late", correlation={"instance": "i1"}))
    say(timeline, 2 * HOUR, "r1", "r1-1", "refund")
    timeline.push(3 * HOUR, instance("i1", event_id="i1", process="shipping"))
    assert filed(held(timeline, "r1")) == ("refund", "person", "refund", "shipping", "refunds")
    say(timeline, 4 * HOUR, "r1", "r1-1", back=True)
    assert filed(held(timeline, "r1")) == BY_RULES


def test_contacts_of_a_customer_are_counted_by_what_a_person_said() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late"))
    timeline.push(DAY, survey("r2", 0, "refund"))
    assert held(timeline, "r2").assessed.contacts == 1
    say(timeline, 2 * DAY, "r1", "r1-1", "refund")
    assert held(timeline, "r2").assessed.contacts == 2
    say(timeline, 2 * DAY, "r1", "r1-1", back=True)
    assert held(timeline, "r2").assessed.contacts == 1


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"status": "pending"}, BY_ANA),
        ({"subject": "late", "labels": ["x"]}, BY_ANA),
        ({"subject": "fire"}, ("safety", "keyword", "delivery", "shipping", "drivers")),
    ],
)
def test_it_outlives_each_state_whose_text_is_the_same(change: dict[str, Any], expected: tuple[str, ...]) -> None:
    timeline = Timeline()
    timeline.push(HOUR, ticket("created", event_id="e1", subject="late"))
    say(timeline, 2 * HOUR, "t1", "e1", "refund", source=TICKETS)
    timeline.push(3 * HOUR, ticket("updated", event_id="e2", **change))
    assert filed(held(timeline, "t1", source=TICKETS)) == expected
    say(timeline, 4 * HOUR, "t1", "e2", back=True, source=TICKETS)
    plain = Timeline()
    plain.push(HOUR, ticket("created", event_id="e1", subject="late"))
    plain.push(3 * HOUR, ticket("updated", event_id="e2", **change))
    assert filed(held(timeline, "t1", source=TICKETS)) == filed(held(plain, "t1", source=TICKETS))


def test_a_remark_without_a_category_has_the_states_and_loses_it_with_it() -> None:
    timeline = Timeline()
    timeline.push(HOUR, ticket("created", event_id="e1", subject="late"))
    say(timeline, 2 * HOUR, "t1", "e1", "refund", source=TICKETS)
    timeline.push(
        3 * HOUR, ticket("comment", event_id="e2", body="hello?"), ticket("comment", event_id="e3", body="fire")
    )
    remarks = [held(timeline, "t1", part, TICKETS) for part in ("e2", "e3")]
    assert [(one.categorised.category, one.categorised.method) for one in remarks] == [
        ("refund", CategoryMethod.PERSON),
        ("safety", CategoryMethod.KEYWORD),
    ]
    say(timeline, 4 * HOUR, "t1", "e1", "safety", source=TICKETS)
    assert held(timeline, "t1", "e2", TICKETS).categorised.category == "safety"
    say(timeline, 5 * HOUR, "t1", "e1", back=True, source=TICKETS)
    assert filed(held(timeline, "t1", "e2", TICKETS)) == BY_RULES


def test_what_is_said_of_a_remark_is_of_that_alone() -> None:
    timeline = Timeline()
    timeline.push(HOUR, ticket("created", event_id="e1", subject="late"), ticket("comment", event_id="e2", body="hm"))
    done = say(timeline, 2 * HOUR, "t1", "e2", "refund", source=TICKETS)
    assert done.correction is not None
    assert done.correction.key.part == "e2"
    assert filed(held(timeline, "t1", "e2", TICKETS)) == BY_ANA
    assert filed(held(timeline, "t1", source=TICKETS)) == BY_RULES


def test_a_subject_that_is_withdrawn_and_begun_anew_is_for_the_rules() -> None:
    timeline = Timeline()
    timeline.push(HOUR, ticket("created", event_id="e1", subject="late"))
    say(timeline, 2 * HOUR, "t1", "e1", "refund", source=TICKETS)
    timeline.push(3 * HOUR, ticket("deleted", event_id="e2"))
    assert say(timeline, 4 * HOUR, "t1", "e1", "refund", source=TICKETS).outcome is RefilingOutcome.WITHDRAWN
    timeline.push(5 * HOUR, ticket("created", event_id="e3", subject="late"))
    assert filed(held(timeline, "t1", source=TICKETS)) == BY_RULES


def test_its_alert_loses_it_and_that_of_the_other_team_has_it() -> None:
    timeline = Timeline(make_playbook(fatigue={"wait": "1m", "interval": "5m"}))
    timeline.push(HOUR, survey("r1", 0, "late, awful"), survey("r2", 0, "late, awful", customer="ben"))
    timeline.wait(2 * HOUR)
    timeline.told()
    done = say(timeline, 3 * HOUR, "r1", "r1-1", "refund")
    timeline.wait(4 * HOUR)
    assert [(one.team, one.reason) for one in timeline.told()] == [("refunds", "opened")]
    counts = {one.team: (one.events, one.customers) for one in timeline.store.rows.alerts.values()}
    assert counts == {"drivers": (1, 1), "refunds": (1, 1)}
    assert done.judged is not None


def test_of_what_a_model_had_filed_its_digest_is_kept_and_none_of_the_words_that_it_went_by() -> None:
    timeline = Timeline()
    timeline.push(HOUR, survey("r1", 0, "late"))
    one = held(timeline, "r1")
    model = ModelSaid(model="d1", use=ModelUse.DECIDED, categories=("delivery",), confidence=0.9, matched=("late",))
    by_model = replace(one.categorised, method=CategoryMethod.MODEL, model=model)
    timeline.store.rows.contributions[one.key] = replace(one, categorised=by_model)
    made = say(timeline, 2 * HOUR, "r1", "r1-1", "refund").correction
    assert made is not None
    assert (made.model, made.given) == ("d1", replace(by_model, model=None, matched=()))
    say(timeline, 3 * HOUR, "r1", "r1-1", back=True)
    assert held(timeline, "r1").categorised == by_model


def test_the_question_is_kept_with_the_text() -> None:
    timeline = Timeline()
    answer = {"text": "late", "question": "What went wrong?", "language": "en"}
    timeline.push(HOUR, survey("r1", 0, verbatims=[answer]))
    made = say(timeline, 2 * HOUR, "r1", "r1-1", "refund").correction
    assert made is not None
    assert (made.question, made.text) == ("What went wrong?", "late")


AXES = make_playbook(
    taxonomy=[
        {"id": "delivery", "label": {"en": "Delivery"}, "keywords": {"en": ["late"]}, "replaces": ["lateness"]},
        {"id": "refund", "label": {"en": "Refund"}, "keywords": {"en": ["refund"]}, "replaces": ["money"]},
        {"id": "checkout", "label": {"en": "Checkout"}, "keywords": {"en": ["basket"]}, "axis": "stage"},
        {"id": "staff", "label": {"en": "Staff"}, "kinds": ["employee"]},
    ],
    teams=[
        {"id": "desk", "name": "Desk"},
        {"id": "drivers", "name": "Drivers", "owns": [{"category": "delivery"}]},
        {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}]},
        {"id": "judges", "name": "Judges"},
    ],
)


def test_a_person_says_what_went_wrong_and_leaves_where_as_it_was() -> None:
    timeline = Timeline(AXES)
    timeline.push(HOUR, survey("r1", 0, "late in the basket"))
    say(timeline, 2 * HOUR, "r1", "r1-1", "refund")
    timeline.push(3 * HOUR, survey("r1", 1, "late in the basket", event_id="r1-2"))
    now = held(timeline, "r1").categorised
    assert (now.category, now.method, now.stage) == ("refund", CategoryMethod.PERSON, "checkout")


@pytest.mark.parametrize("category", ["checkout", "staff", "nonsense"])
def test_what_is_of_another_axis_or_for_other_feedback_is_no_category_of_it(category: str) -> None:
    timeline = Timeline(AXES)
    timeline.push(HOUR, survey("r1", 0, "late"))
    done = say(timeline, 2 * HOUR, "r1", "r1-1", "refund", category)
    assert (done.outcome, done.known) == (RefilingOutcome.UNKNOWN_CATEGORY, ("delivery", "refund"))


def test_an_id_of_an_earlier_taxonomy_is_taken_for_the_present_one() -> None:
    timeline = Timeline(AXES)
    timeline.push(HOUR, survey("r1", 0, "late"))
    made = say(timeline, 2 * HOUR, "r1", "r1-1", "money").correction
    assert made is not None
    assert made.meant == ("refund",)
    one = held(timeline, "r1")
    kept = Refiled(categorised=replace(by_ladder(one).categorised, category="lateness"), began_as="lateness")
    timeline.store.rows.contributions[one.key] = replace(one, refiled=kept)
    say(timeline, 3 * HOUR, "r1", "r1-1", back=True)
    assert (held(timeline, "r1").categorised.category, held(timeline, "r1").began_as) == ("delivery", "delivery")
