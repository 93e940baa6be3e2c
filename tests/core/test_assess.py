"""Severity: the figures that its guide promises, what is negative, overrides, conflicts, and who is a recontact."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.assess import assess, contacts
from service.core.playbook.severity import SeverityRules
from service.core.records.decisions import Assessed
from service.core.records.feedback import Signals
from service.core.records.words import Flag, SentimentSource, Severity
from tests.builders import START, make_contribution, make_feedback

RULES = SeverityRules(priority_tiers=("gold",))
DAY = timedelta(days=1)


def nps(raw: int) -> float:
    return max(0.0, (7 - raw) / 7)


@pytest.mark.parametrize(
    ("signals", "contact", "score", "severity"),
    [
        pytest.param(Signals(negativity=nps(0), scored=True), 1, 60, Severity.HIGH, id="NPS 0 without text is high"),
        pytest.param(
            Signals(negativity=nps(0), scored=True, negative_text=1.0),
            1,
            76,
            Severity.HIGH,
            id="NPS 0 with negative text is higher, and high",
        ),
        pytest.param(
            Signals(negativity=nps(0), scored=True, negative_text=1.0),
            3,
            83.2,
            Severity.CRITICAL,
            id="the third contact of the same customer makes it critical",
        ),
        pytest.param(Signals(negativity=1.0, scored=True), 1, 60, Severity.HIGH, id="CSAT 1 is high"),
        pytest.param(Signals(negativity=2 / 3, scored=True), 1, 40, Severity.MEDIUM, id="CSAT 2 is medium"),
        pytest.param(Signals(negativity=nps(6), scored=True), 1, 8.571429, Severity.INFO, id="NPS 6 is info"),
        pytest.param(Signals(negativity=0.9), 1, 54, Severity.MEDIUM, id="an urgent ticket is medium"),
        pytest.param(Signals(), 1, 0, Severity.INFO, id="nothing said is nothing bad"),
        pytest.param(Signals(hot=("cancel",)), 1, 40, Severity.MEDIUM, id="a hot word alone is medium"),
        pytest.param(Signals(negativity=nps(0)), 99, 72, Severity.HIGH, id="recontact saturates at the third"),
    ],
)
def test_a_score_adds_up_to_its_band(signals: Signals, contact: int, score: float, severity: Severity) -> None:
    found = assess(make_feedback(), signals, contact, RULES)
    assert (found.score, found.severity) == (score, severity)


def test_the_whole_judgement_names_its_parts() -> None:
    feedback = make_feedback(tier="gold", reopen_count=1)
    signals = Signals(
        negativity=0.5, scored=True, negative_text=0.75, text_source=SentimentSource.MODEL, hot=("cancel",)
    )
    assert assess(feedback, signals, 1, RULES) == Assessed(
        severity=Severity.CRITICAL,
        score=81.2575,
        negative=True,
        parts={"negativity": 0.5, "negative_text": 0.75, "recontact": 0.5, "tier": 1.0, "hot_words": 1.0},
        sources={"negativity": "score", "negative_text": "model"},
        contacts=1,
    )


@pytest.mark.parametrize(
    ("signals", "negative"),
    [
        pytest.param(Signals(negativity=nps(4), scored=True), True, id="NPS 4 is negative"),
        pytest.param(Signals(negativity=nps(5), scored=True), False, id="NPS 5 is not"),
        pytest.param(Signals(negativity=1 / 3, scored=True), True, id="CSAT 3 is negative"),
        pytest.param(Signals(negative_text=0.75), True, id="negative text without a score is negative"),
        pytest.param(Signals(negative_text=0.5), False, id="mixed text without a score is not"),
        pytest.param(Signals(negativity=0.0, scored=True, negative_text=0.9), False, id="a good score outranks text"),
        pytest.param(Signals(hot=("cancel",)), False, id="a hot word alone is not negative"),
        pytest.param(Signals(), False, id="nothing said is not negative"),
    ],
)
def test_what_counts_as_negative(signals: Signals, negative: bool) -> None:  # noqa: FBT001 - the expected answer
    assert assess(make_feedback(), signals, 1, RULES).negative is negative


def test_an_override_is_critical_and_negative_whatever_the_score() -> None:
    found = assess(make_feedback(), Signals(negativity=0.0, scored=True, overrides=("fraud", "safety")), 1, RULES)
    assert (found.severity, found.negative, found.override, found.flags) == (
        Severity.CRITICAL,
        True,
        "fraud",
        (Flag.OVERRIDE,),
    )


@pytest.mark.parametrize(
    ("signals", "severity", "flags"),
    [
        pytest.param(
            Signals(negativity=1.0, scored=True, negative_text=0.1, hot=("cancel",)),
            Severity.MEDIUM,
            (Flag.SCORE_TEXT_CONFLICT,),
            id="praise under the worst score is capped at medium",
        ),
        pytest.param(
            Signals(negativity=0.0, scored=True, negative_text=0.9, hot=("cancel",)),
            Severity.MEDIUM,
            (Flag.SCORE_TEXT_CONFLICT,),
            id="complaint under the best score is flagged",
        ),
        pytest.param(
            Signals(negativity=1.0, scored=True, negative_text=0.1, overrides=("safety",)),
            Severity.CRITICAL,
            (Flag.SCORE_TEXT_CONFLICT, Flag.OVERRIDE),
            id="an override is not capped",
        ),
        pytest.param(
            Signals(negativity=0.9, negative_text=0.1),
            Severity.MEDIUM,
            (),
            id="a ticket's priority is no score, so that text can not contradict it",
        ),
    ],
)
def test_score_against_text(signals: Signals, severity: Severity, flags: tuple[Flag, ...]) -> None:
    found = assess(make_feedback(), signals, 1, RULES)
    assert (found.severity, found.flags) == (severity, flags)


def at(days: float, **changes: Any) -> Any:  # noqa: ANN401 - fields of Feedback
    category = changes.pop("category", "delivery")
    feedback = make_feedback(occurred_at=START + days * DAY, subject=f"response/{days}", **changes)
    return make_contribution(feedback, category)


@pytest.mark.parametrize(
    ("others", "count"),
    [
        pytest.param([], 1, id="alone is the first contact"),
        pytest.param([at(-1), at(-2)], 3, id="two earlier contacts make it the third"),
        pytest.param([at(-7)], 1, id="a contact seven days ago is forgotten"),
        pytest.param([at(-6.99)], 2, id="a contact just inside seven days counts"),
        pytest.param([at(1)], 1, id="a later contact does not count"),
        pytest.param([at(0)], 1, id="what is said at one moment is one contact"),
        pytest.param([at(-1, category="refund")], 1, id="another category is another matter"),
    ],
)
def test_contacts_are_counted_in_the_window_before(others: list[Any], count: int) -> None:
    assert contacts(others, START, "delivery", 7 * DAY) == count


@pytest.mark.parametrize("source", list(SentimentSource))
def test_a_conflict_names_the_source_that_hears_the_opposite(source: SentimentSource) -> None:
    bad = Signals(negativity=0.0, scored=True, negative_text=0.8, text_source=source)
    good = Signals(negativity=0.8, scored=True, negative_text=0.2, text_source=source)
    mixed = Signals(negativity=0.8, scored=True, negative_text=0.21, text_source=source)
    assert [assess(make_feedback(), one, 1, RULES).conflict for one in (bad, good, mixed)] == [source, source, None]


def test_what_was_stored_before_sources_had_names_was_heard_by_words() -> None:
    assert (
        assess(make_feedback(), Signals(negativity=0.0, scored=True, negative_text=0.9), 1, RULES).conflict == "words"
    )


SHARES = st.none() | st.floats(0, 1)


@given(
    negativity=SHARES,
    text=SHARES,
    worse=st.floats(0, 1),
    contact=st.integers(1, 5),
    hot=st.sampled_from(((), ("cancel",))),
)
def test_nothing_makes_it_better_by_being_worse(
    negativity: float | None, text: float | None, worse: float, contact: int, hot: tuple[str, ...]
) -> None:
    before = assess(make_feedback(), Signals(negativity=negativity, negative_text=text, hot=hot), contact, RULES)
    raised = Signals(
        negativity=max(negativity or 0, worse), negative_text=max(text or 0, worse), hot=("cancel",), scored=False
    )
    after = assess(make_feedback(tier="gold"), raised, contact + 1, RULES)
    assert 0 <= before.score <= after.score <= 100
    assert before.severity.rank <= after.severity.rank
