"""Signals: scores of every scale, priority, and what the words of a text say in its language."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.playbook.severity import SeverityRules
from service.core.records.feedback import Metric, Signals
from service.core.records.heard import Heard
from service.core.records.words import Change, FeedbackKind, SentimentSource
from service.core.weigh import compile_words, weigh
from tests.builders import make_feedback, make_metric

RULES = SeverityRules.model_validate(
    {
        "hot_words": [{"id": "cancel", "words": {"en": ["cancel*"], "de": ["kündig*"]}}],
        "overrides": [{"id": "safety", "words": {"*": ["fire"], "th": ["ไฟไหม้"]}}],
        "sentiment": {
            "en": {"negative": ["awful", "not good", "slow"], "positive": ["great", "kind", "lovely"]},
            "de": {"negative": ["schlecht"], "positive": ["kind"]},
        },
    }
)
WORDS = compile_words(RULES)


def signals(**changes: Any) -> Signals:  # noqa: ANN401 - any field of Feedback
    return weigh(make_feedback(**changes), WORDS, RULES)


def worded(sentiment: float, negative_text: float) -> Signals:
    """What the playbook's words make of a text without a score."""
    words = SentimentSource.WORDS
    return Signals(sentiment=sentiment, sentiment_source=words, negative_text=negative_text, text_source=words)


def ticket(**changes: Any) -> Signals:  # noqa: ANN401 - any field of Feedback
    return signals(kind=FeedbackKind.TICKET, **changes)


@pytest.mark.parametrize(
    ("metric", "negativity"),
    [
        pytest.param(make_metric("nps", 0, 0, 10), 1.0, id="NPS 0"),
        pytest.param(make_metric("nps", 6, 0, 10), 1 / 7, id="NPS 6"),
        pytest.param(make_metric("nps", 7, 0, 10), 0.0, id="NPS 7 is no longer negative"),
        pytest.param(make_metric("csat", 1, 1, 5), 1.0, id="CSAT 1"),
        pytest.param(make_metric("csat", 2, 1, 5), 2 / 3, id="CSAT 2"),
        pytest.param(make_metric("csat", 3, 1, 5), 1 / 3, id="CSAT 3"),
        pytest.param(make_metric("csat", 4, 1, 5), 0.0, id="CSAT 4"),
        pytest.param(make_metric("csat", 1, 1, 3), 1.0, id="CSAT 1 of 3"),
        pytest.param(make_metric("csat", 2, 1, 3), 1 / 3, id="CSAT 2 of 3 is a 3 of 5"),
        pytest.param(make_metric("ces", 1, 1, 7), 1.0, id="ease 1 of 7"),
        pytest.param(make_metric("ces", 3, 1, 7), 0.5, id="ease 3 of 7"),
        pytest.param(make_metric("ces", 5, 1, 7), 0.0, id="ease 5 of 7"),
        pytest.param(make_metric("ces", 7, 1, 7, higher_is_better=False), 1.0, id="effort 7 is ease 1"),
        pytest.param(make_metric("binary", 0, 0, 1), 0.7, id="a bad of good and bad"),
        pytest.param(make_metric("binary", 1, 0, 1), 0.0, id="a good"),
        pytest.param(make_metric("binary", 1, 1, 2), 0.7, id="1 of 1-2"),
        pytest.param(make_metric("rating", 2, 0, 10), (4 - 1.8) / 3, id="a rating is brought to five points first"),
        pytest.param(make_metric("rating", 1, 1, 2), 1.0, id="a rating of two points"),
    ],
)
def test_a_score_on_its_scale(metric: Metric, negativity: float) -> None:
    found = signals(metrics=(metric,))
    assert found.scored
    assert found.negativity == pytest.approx(negativity)


def test_effort_two_of_seven_is_ease_six_of_seven() -> None:
    effort = make_metric("ces", 2, 1, 7, higher_is_better=False)
    assert signals(metrics=(effort,)) == signals(metrics=(make_metric("ces", 6, 1, 7),))


def test_the_worst_of_several_scores_counts() -> None:
    both = (make_metric("nps", 9, 0, 10), make_metric("csat", 1, 1, 5))
    assert signals(metrics=both) == Signals(negativity=1.0, scored=True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"priority": "urgent"}, Signals(negativity=0.9), id="priority stands in for a score"),
        pytest.param({"priority": "low"}, Signals(negativity=0.1), id="low priority is hardly negative"),
        pytest.param({"priority": "odd"}, Signals(negativity=0.0), id="a priority without a figure is nothing"),
        pytest.param({"priority": "low", "sla_breached": True}, Signals(negativity=0.6), id="late is worse"),
        pytest.param(
            {"priority": "urgent", "metrics": (make_metric("csat", 5, 1, 5),)},
            Signals(negativity=0.0, scored=True),
            id="a score outranks the priority",
        ),
        pytest.param({"priority": "urgent", "change": Change.REMARK}, Signals(), id="a remark has none"),
        pytest.param({}, Signals(), id="without either nothing was given"),
    ],
)
def test_a_ticket_s_priority(changes: dict[str, Any], expected: Signals) -> None:
    assert ticket(**changes) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("Awful, slow.", "en", worded(-1.0, 0.833333), id="two negative words"),
        pytest.param("awful awful", "en", worded(-1.0, 0.75), id="a word counts once"),
        pytest.param("great", "en", worded(1.0, 0.25), id="one positive word"),
        pytest.param("Great but AWFUL", "en", worded(0.0, 0.5), id="one of each"),
        pytest.param("schlecht", "en", Signals(), id="a word of another language says nothing"),
        pytest.param("schlecht", "und", worded(-1.0, 0.75), id="any language for none"),
        pytest.param("slowly", "en", Signals(), id="a part of a word is no word"),
        pytest.param("not  good", "en", worded(-1.0, 0.75), id="a phrase over white space"),
        pytest.param("I cancelled it", "en", Signals(hot=("cancel",)), id="a prefix meets longer words"),
        pytest.param("Ich kündige!", "de", Signals(hot=("cancel",)), id="hot words in another language"),
        pytest.param("FIRE and smoke", "fr", Signals(overrides=("safety",)), id="an override of every language"),
        pytest.param("บ้านไฟไหม้แล้ว", "th", Signals(overrides=("safety",)), id="a script without spaces"),
        pytest.param("", "en", Signals(), id="silence is no sentiment"),
    ],
)
def test_what_a_text_says(text: str, language: str, expected: Signals) -> None:
    assert signals(text=text, language=language) == expected


@pytest.mark.parametrize("kind", ["nps", "csat", "ces", "rating"])
@pytest.mark.parametrize(
    ("raw", "low", "high"),
    [(-1.5e308, -1.7e308, -1e308), (1e15 - 0.125, 1e15 - 0.125, 1e15), (5e-324, 0, 5e-324), (0, -1.7e308, 1.7e308)],
)
def test_no_scale_is_so_odd_that_a_score_weighs_more_than_the_worst(
    kind: str, raw: float, low: float, high: float
) -> None:
    for better in (True, False):
        found = signals(metrics=(make_metric(kind, raw, low, high, higher_is_better=better),)).negativity
        assert found is not None
        assert 0 <= found <= 1


def sourced(sentiment: float | None, negative: float | None, *sources: str | None) -> Signals:
    said, sounds = (None if one is None else SentimentSource(one) for one in sources)
    return Signals(sentiment=sentiment, sentiment_source=said, negative_text=negative, text_source=sounds)


BOTH, SEVERE, FELT, NOTHING = (
    Heard(sentiment=-0.5, severity=90.0),
    Heard(severity=40.0),
    Heard(sentiment=0.25),
    Heard(),
)


@pytest.mark.parametrize(
    ("tone", "text", "language", "heard", "expected"),
    [
        pytest.param("words model", "awful", "en", BOTH, sourced(-1.0, 0.75, "words", "words"), id="words come first"),
        pytest.param("words model", "hm", "en", BOTH, sourced(-0.5, 0.9, "model", "model"), id="silent words"),
        pytest.param("model words", "awful", "en", BOTH, sourced(-0.5, 0.9, "model", "model"), id="the model first"),
        pytest.param("model words", "awful", "en", SEVERE, sourced(-1.0, 0.4, "words", "model"), id="each for itself"),
        pytest.param("model", "awful", "en", FELT, sourced(0.25, 0.375, "model", "model"), id="made of the sentiment"),
        pytest.param("model", "awful", "en", NOTHING, Signals(), id="no head was trained"),
        pytest.param("model", "awful", "en", None, Signals(), id="no classifier"),
        pytest.param("words", "hm", "en", BOTH, Signals(), id="a source that is not named is not asked"),
        pytest.param("lexicon", "fine", "en", None, sourced(0.2, 0.4, "lexicon", "lexicon"), id="the lexicon"),
        pytest.param("lexicon", "hm", "en", None, Signals(), id="no word of the lexicon is no zero"),
        pytest.param("lexicon", "fine", "de", None, Signals(), id="the lexicon reads English alone"),
        pytest.param("lexicon", "fine", "und", None, Signals(), id="and not what may be English"),
        pytest.param("", "awful", "en", BOTH, Signals(), id="no source at all"),
    ],
)
def test_the_first_source_that_says_something_says_how_a_text_sounds(
    tone: str, text: str, language: str, heard: Heard | None, expected: Signals
) -> None:
    rules = RULES.model_copy(update={"tone": tuple(SentimentSource(one) for one in tone.split())})
    words = compile_words(rules, {"fine": 0.2}.get)
    assert weigh(make_feedback(text=text, language=language), words, rules, heard) == expected


@given(
    tone=st.permutations(list(SentimentSource)),
    text=st.sampled_from(("awful", "great", "fine", "hm", "")),
    sentiment=st.none() | st.floats(-1, 1),
    severity=st.none() | st.floats(0, 100),
)
def test_what_is_heard_has_a_source_and_lies_within_its_bounds(
    tone: list[SentimentSource], text: str, sentiment: float | None, severity: float | None
) -> None:
    rules = RULES.model_copy(update={"tone": tuple(tone)})
    heard = Heard(sentiment=sentiment, severity=severity)
    found = weigh(make_feedback(text=text, language="en"), compile_words(rules, {"fine": 0.2}.get), rules, heard)
    assert (found.sentiment is None) == (found.sentiment_source is None)
    assert (found.negative_text is None) == (found.text_source is None)
    assert -1 <= (found.sentiment or 0) <= 1
    assert 0 <= (found.negative_text or 0) <= 1
