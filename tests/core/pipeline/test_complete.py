"""A partial change keeps what was heard of the text that it keeps: tone and language, each with where it comes from."""

from msgspec.structs import replace

from service.core.pipeline.complete import complete
from service.core.records.feedback import FeedbackRead, Signals
from service.core.records.words import Flag, SentimentSource
from tests.builders import make_categorised, make_contribution, make_feedback

HEARD = Signals(
    sentiment=-0.5,
    sentiment_source=SentimentSource.MODEL,
    negative_text=0.9,
    text_source=SentimentSource.LEXICON,
)
STATE = make_contribution(
    make_feedback(text="Trop lent", language="fr", flags=(Flag.LANGUAGE_DETECTED, Flag.TEXT_CUT)), signals=HEARD
)


def changed(text: str, *flags: Flag, signals: Signals = Signals()) -> FeedbackRead:  # noqa: B008 - a frozen value
    new = make_feedback(text=text, language="und", flags=flags, revision=2)
    return complete(FeedbackRead(feedback=new, categorised=make_categorised("delivery"), signals=signals), STATE)


def test_a_state_without_a_text_keeps_that_of_before_and_how_it_sounded() -> None:
    found = changed("", Flag.FUTURE_TIME)
    assert (found.feedback.text, found.feedback.language) == ("Trop lent", "fr")
    assert found.feedback.flags == (Flag.FUTURE_TIME, Flag.LANGUAGE_DETECTED)
    assert found.signals == HEARD


def test_a_state_with_a_text_of_its_own_is_heard_anew() -> None:
    heard = replace(HEARD, sentiment=None, sentiment_source=None)
    found = changed("ok", signals=heard)
    assert (found.feedback.language, found.feedback.flags, found.signals) == ("und", (), heard)
