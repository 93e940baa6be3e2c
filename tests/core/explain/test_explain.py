"""Explanations of feedbacks that the real pipeline decided: the key by hand, timers, owners, and what would differ."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from msgspec.structs import replace

from service.core.explain import MOST_ROUTES, Why, explain
from service.core.explain.document import Applies, Claim, Moved, OwnerIf, Standing, TimerTold
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.records.decisions import Contribution
from service.core.records.feedback import Signals
from service.core.records.muting import Muters
from service.core.records.words import RouteReason, SentimentSource
from service.core.span import in_words
from tests.builders import Timeline, make_playbook, survey, with_routes

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEAMS = [
    {"id": "desk", "name": "Desk"},
    {"id": "drivers", "name": "Drivers", "owns": [{"category": "delivery", "kind": "survey"}]},
    {"id": "refunds", "name": "Refunds", "owns": [{"category": "refund"}]},
    {"id": "legal", "name": "Legal"},
    {"id": "judges", "name": "Judges"},
]


def why(timeline: Timeline, rules: Rules | None = None, *, after: timedelta | None = None) -> Why:
    """Explain the latest contribution as the command and the API do."""
    rows = timeline.store.rows
    one: Contribution = list(rows.contributions.values())[-1]
    row = rows.rows[one.feedback.source, one.feedback.event_id]
    homes = rows.members_of.get((one.key.source, one.key.subject), ())
    alerts = [rows.alerts[rows.members[home].alert_id] for home in homes if rows.members[home].key == one.key]
    alert = next((alert for alert in alerts if not alert.copy), None)
    at = timeline.now if after is None else timeline.now + after
    return explain(one, rules or timeline.rules, at, row.document, alert, Muters(), asked_at=after is not None)


def late(playbook: Playbook | None = None, **data: Any) -> Timeline:  # noqa: ANN401 - fields of the contract
    timeline = Timeline(playbook)
    timeline.push(MINUTE, survey("r1", 0, "late", **data))
    return timeline


def test_the_key_and_the_alert_s_id_can_be_computed_by_hand() -> None:
    found = why(late())
    assert found.key.hashed == (
        '{"fields":{"category":"delivery","process":"shipping"},"kind":"event","team":"drivers"}'
    )
    assert found.key.alert_key == "v1:" + hashlib.sha256(found.key.hashed.encode()).hexdigest()
    assert found.alert is not None
    assert found.alert.alert_id == str(uuid5(UUID(found.alert.namespace), found.alert.named_by))
    assert found.alert.named_by == f"{found.key.alert_key}:1"
    assert (found.alert.derived, found.alert.same_key) == (True, True)


def test_with_the_playbook_that_decided_nothing_has_moved() -> None:
    found = why(late())
    assert (found.moved, found.standing, found.muted) == ((), Standing.ALERT, ())


def test_another_playbook_says_what_it_would_make_of_it() -> None:
    other = compile_playbook(
        with_routes({"id": "uk", "match": {"region": "uk"}, "team": "legal", "group_by": ["customer"]})
    )
    found = why(late(customer={"ref": "anna", "region": "uk"}), other)
    assert found.moved == (
        Moved(what="route", decided="owned", here="uk"),
        Moved(what="team", decided="drivers", here="legal"),
        Moved(what="key", decided=found.moved[2].decided, here=found.key.alert_key),
    )
    assert found.playbook == other.digest
    assert found.alert is not None
    assert not found.alert.same_key
    assert found.as_stored


def test_each_timer_names_the_node_that_sets_it() -> None:
    playbook = with_routes(
        {
            "id": "outer",
            "team": "legal",
            "interval": "30m",
            "routes": [{"id": "inner", "match": {"category": "delivery"}, "repeat": []}],
        },
        wait="5m",
    )
    timers = why(late(playbook)).timers
    assert (timers.route, timers.applies, timers.due_at) == ("inner", Applies.WAIT, late().now + 5 * MINUTE)
    assert (timers.wait, timers.interval, timers.repeat) == (
        TimerTold(seconds=(300,), said="5 minutes", set_by="root"),
        TimerTold(seconds=(1800,), said="30 minutes", set_by="outer"),
        TimerTold(seconds=(), said="never", set_by="inner"),
    )


def test_what_an_alert_waits_for_and_what_would_be_sooner_follow_its_state() -> None:
    timeline = late()
    assert why(timeline).would_differ_if.sooner == (
        "its severity were critical, which waits for nothing",
        "the wait of 1 minute were over, at 2026-05-04T09:02:00Z",
    )
    timeline.wait(5 * MINUTE)
    told = why(timeline)
    assert (told.timers.applies, told.timers.due_at) == (Applies.REPEAT, timeline.now - 3 * MINUTE + DAY)
    assert told.would_differ_if.sooner == (
        "its severity were critical, which waits for nothing",
        "it had 2 customers (it has 1)",
        "the next reminder were due, at 2026-05-05T09:02:00Z",
    )
    timeline.push(6 * MINUTE, survey("r2", 0, "late", customer="ben"))
    assert why(timeline).timers.applies is Applies.INTERVAL
    assert why(timeline).would_differ_if.sooner[1] == (
        "the interval of 15 minutes since the last notice were over, at 2026-05-04T09:17:00Z"
    )


def test_an_owner_is_named_with_the_claim_that_holds_and_the_nearest_others() -> None:
    playbook = make_playbook(
        teams=TEAMS,
        routes={
            "team": "desk",
            "arbitration": "judges",
            "routes": [
                {"id": "fires", "match": {"category": "safety"}, "team": "legal"},
                {"id": "far", "match": {"region": "de", "tier": "gold"}, "team": "legal"},
                {"id": "hot", "when": "feedback.language == 'xx'", "team": "legal"},
                {"id": "owned", "team": "owner"},
            ],
        },
    )
    found = why(late(playbook))
    owner = found.routes.owner
    assert (owner.team, owner.route, owner.reason) == ("drivers", "owned", RouteReason.OWNED)
    assert owner.candidates == (Claim(team="drivers", owns={"category": ("delivery",), "kind": ("survey",)}),)
    assert found.would_differ_if.owner == (
        OwnerIf(
            field="category",
            value="safety",
            route="fires",
            team="legal",
            said="its category were safety: fires would send it to legal",
        ),
        OwnerIf(
            field="category",
            value="refund",
            route="owned",
            team="refunds",
            said="its category were refund: owned would send it to refunds",
        ),
        OwnerIf(
            field="when",
            value="feedback.language == 'xx'",
            route="hot",
            team="legal",
            said="the condition of hot held: feedback.language == 'xx'",
        ),
    )


def test_a_subject_that_stays_in_an_alert_of_another_key_says_which_values_that_one_has() -> None:
    timeline = late(revision=1)
    timeline.push(2 * MINUTE, survey("r1", 0, "fire", revision=2))
    found = why(timeline)
    assert found.alert is not None
    assert not found.alert.same_key
    assert found.would_differ_if.alert == (
        "its own key were that of the alert it is in: category were delivery (it is safety)",
    )


def test_what_shares_an_alert_is_named_where_the_keys_agree() -> None:
    assert why(late()).would_differ_if.alert == (
        "its process were not shipping: another alert",
        "its category were not delivery: another alert",
        "its team were not drivers: another alert",
    )


def test_a_quiet_feedback_is_in_no_alert_and_says_what_would_have_raised_one() -> None:
    timeline = Timeline()
    timeline.push(MINUTE, survey("r1", 10, "lovely"))
    found = why(timeline)
    assert (found.standing, found.alert, found.timers.applies) == (Standing.NOT_NEGATIVE, None, Applies.NONE)
    assert found.would_differ_if.sooner == ()
    assert found.would_differ_if.verdict[0].startswith("the score's negativity were above")


@pytest.mark.parametrize(
    ("after", "standing"), [(7 * DAY, Standing.ALERT), (7 * DAY + MINUTE, Standing.TOO_OLD), (None, Standing.ALERT)]
)
def test_another_time_says_whether_it_would_have_been_too_old_by_then(
    after: timedelta | None, standing: Standing
) -> None:
    found = why(late(), after=after)
    assert found.standing is standing
    too_old = f"it had come within {in_words(7 * DAY)} of its time"
    assert (too_old in found.would_differ_if.verdict) == (standing is Standing.TOO_OLD)


def test_of_a_thousand_routes_two_hundred_are_listed_and_all_are_counted() -> None:
    routes = [
        {"id": f"r{at}", "match": {"region": f"g{at}"}, "team": ("legal", "refunds")[at % 2]} for at in range(998)
    ]
    found = why(late(with_routes(*routes)))
    assert (len(found.routes.tried), found.routes.total) == (MOST_ROUTES, 998)
    assert len(found.would_differ_if.owner) == 5


def heard(text_source: SentimentSource, negative_text: float, **score: Any) -> Why:  # noqa: ANN401 - fields of Signals
    """Explain the contribution of a timeline as if its text had been heard so."""
    timeline = late()
    rows = timeline.store.rows
    (key, one), *_ = rows.contributions.items()
    signals = Signals(negative_text=negative_text, text_source=text_source, **score)
    rows.contributions[key] = replace(one, signals=signals)
    return why(timeline)


def test_severity_names_the_source_of_each_part_and_who_contradicts_the_score() -> None:
    found = heard(SentimentSource.MODEL, 0.15, negativity=1.0, scored=True)
    assert found.severity.sources == {"negativity": "score", "negative_text": "model"}
    assert found.severity.conflict is SentimentSource.MODEL
    assert found.would_differ_if.verdict == (
        "its score and its text (model) did not contradict each other, which holds it at medium",
        "its severity score were 80 or more, which is critical (it is 62.4)",
    )


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (SentimentSource.WORDS, "the text's share of negative words were 0.7 or more"),
        (SentimentSource.MODEL, "the severity that the model hears in its text were 70 or more"),
        (SentimentSource.LEXICON, "the sentiment that the lexicon finds in its text were -0.4 or less"),
    ],
)
def test_what_would_have_made_a_text_negative_is_said_in_the_terms_of_its_source(
    source: SentimentSource, sentence: str
) -> None:
    assert heard(source, 0.5).would_differ_if.verdict[1] == sentence
