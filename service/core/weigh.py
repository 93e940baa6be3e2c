"""Scores, priority and words of one feedback -> Signals: what severity is made of, before anything else is looked at.

Nothing is refused. What was not given stays None: a missing score is no good score, and silence is no sentiment.
The playbook's own words do not read negation ("not bad" counts as "bad"). How a text sounds can come from a trained
classifier or an English lexicon as well: the first source in the playbook's order that says something is taken.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from service.core.playbook.severity import SeverityRules
from service.core.records.feedback import Feedback, Metric, Signals
from service.core.records.heard import Heard
from service.core.records.words import Change, SentimentSource
from service.core.scale import on_scale, scale_of
from service.core.text import fold, is_word_edge

# An English text -> how it sounds, -1 to 1, None where it says nothing; the same for the same text.
Lexicon = Callable[[str], float | None]

_EVERY_LANGUAGE = "*"
_LEXICON_READS = "en"
_HOT, _OVERRIDE, _NEGATIVE, _POSITIVE = range(4)
# Answers on the scales in use; those that somebody makes up must not fill the memory.
_MOST_ANSWERS = 4_096
_SIDES = (_NEGATIVE, _POSITIVE)


@dataclass(frozen=True, slots=True)
class _Sense:
    """What one word means in some languages: a hot class, an override class, or a side of the lexicon."""

    sort: int
    name: str
    language: str
    prefix: bool


class _Tone(NamedTuple):
    """How a text sounds to one source: the sentiment -1..1 and how bad it is, 0..1."""

    sentiment: float | None = None
    negative: float | None = None


_TONELESS = _Tone()
_Sourced = tuple[float | None, SentimentSource | None]
_SILENT: _Sourced = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRules:
    """The playbook's words of severity, compiled once, and the lexicon where the playbook asks for it."""

    words: tuple[str, ...] = field(repr=False)
    senses: tuple[tuple[_Sense, ...], ...] = field(repr=False)
    automaton: AhoCorasick = field(repr=False, compare=False)
    lexicon: Lexicon | None = field(default=None, repr=False)


def compile_words(rules: SeverityRules, lexicon: Lexicon | None = None) -> WordRules:
    """Compile hot words, overrides and the playbook's words of sentiment into one automaton."""
    senses: dict[str, list[_Sense]] = {}
    for sort, classes in ((_HOT, rules.hot_words), (_OVERRIDE, rules.overrides)):
        for one in classes:
            for language, words in one.words.items():
                _add(senses, words, sort, one.id, language)
    for language, sides in rules.sentiment.items():
        _add(senses, sides.negative, _NEGATIVE, "", language)
        _add(senses, sides.positive, _POSITIVE, "", language)
    return WordRules(
        words=tuple(senses),
        senses=tuple(tuple(found) for found in senses.values()),
        automaton=AhoCorasick(list(senses), implementation=Implementation.ContiguousNFA),
        lexicon=lexicon,
    )


def weigh(
    feedback: Feedback, words: WordRules, rules: SeverityRules, heard: Heard | None = None, folded: str | None = None
) -> Signals:
    """Read the signals of one feedback; `heard` is what a classifier makes of its text, where there is one.

    `folded` is its text folded, where that was done already.

    A score outranks a ticket's priority. Of the playbook's words, n negative and p positive, `negative_text` is
    (n + 1/2) / (n + p + 1) and `sentiment` (p - n) / (p + n), None when there is neither. deploy/docs/severity.md says
    why, and what the other sources make of a text.
    """
    negative = _worst(feedback.metrics)
    scored = negative is not None
    if negative is None and feedback.change is Change.STATE and feedback.priority is not None:
        negative = rules.priority.get(feedback.priority, 0.0)
        if feedback.sla_breached:
            negative = max(negative, rules.sla_breached)
    # What each sort of word says: the names of classes, and the words of each side.
    met: tuple[set[str], set[str], set[str], set[str]] = (set(), set(), set(), set())
    for word, sense in _met(feedback, words, folded):
        met[sense.sort].add(word if sense.sort in _SIDES else sense.name)
    sentiment, sounds = _SILENT, _SILENT
    if feedback.text or heard is not None:
        sentiment, sounds = _heard_first(
            (source, _tone(source, len(met[_NEGATIVE]), len(met[_POSITIVE]), heard, feedback, words.lexicon))
            for source in rules.tone
        )
    return Signals(
        negativity=negative,
        scored=scored,
        sentiment=sentiment[0],
        sentiment_source=sentiment[1],
        negative_text=sounds[0],
        text_source=sounds[1],
        hot=tuple(sorted(met[_HOT])),
        overrides=tuple(sorted(met[_OVERRIDE])),
    )


def _heard_first(told: Iterable[tuple[SentimentSource, _Tone]]) -> tuple[_Sourced, _Sourced]:
    """Take sentiment and badness from the first source that says each; further sources are not asked."""
    sentiment, sounds = _SILENT, _SILENT
    for source, tone in told:
        if sentiment[0] is None and tone.sentiment is not None:
            sentiment = (round(tone.sentiment, 6), source)
        if sounds[0] is None and tone.negative is not None:
            sounds = (round(tone.negative, 6), source)
        if sentiment[0] is not None and sounds[0] is not None:
            break
    return sentiment, sounds


def _tone(
    source: SentimentSource, bad: int, good: int, heard: Heard | None, feedback: Feedback, lexicon: Lexicon | None
) -> _Tone:
    match source:
        case SentimentSource.WORDS:
            return _of_words(bad, good)
        case SentimentSource.MODEL:
            return _of_model(heard)
        case SentimentSource.LEXICON:
            return _of_lexicon(feedback, lexicon)


def _of_words(bad: int, good: int) -> _Tone:
    if bad + good == 0:
        return _TONELESS
    return _Tone(sentiment=(good - bad) / (good + bad), negative=(bad + 0.5) / (bad + good + 1))


def _of_model(heard: Heard | None) -> _Tone:
    """Take a severity that was learnt before one that is made of the sentiment."""
    if heard is None:
        return _TONELESS
    if heard.severity is not None:
        return _Tone(sentiment=heard.sentiment, negative=heard.severity / 100)
    return _sounding(heard.sentiment)


def _of_lexicon(feedback: Feedback, lexicon: Lexicon | None) -> _Tone:
    if lexicon is None or feedback.language != _LEXICON_READS or not feedback.text:
        return _TONELESS
    return _sounding(lexicon(feedback.text))


def _sounding(sentiment: float | None) -> _Tone:
    return _TONELESS if sentiment is None else _Tone(sentiment=sentiment, negative=(1 - sentiment) / 2)


def _met(feedback: Feedback, words: WordRules, folded: str | None) -> Sequence[tuple[str, _Sense]]:
    if not feedback.text:
        return ()
    text, language = fold(feedback.text) if folded is None else folded, feedback.language
    found: list[tuple[str, _Sense]] = []
    whole: set[int] = set()
    for at, start, end in words.automaton.find_matches_as_indexes(text, overlapping=True):
        # A word that was met whole has said all that it can.
        if at in whole or not is_word_edge(text, start):
            continue
        ends = is_word_edge(text, end)
        if ends:
            whole.add(at)
        for sense in words.senses[at]:
            spoken = language == "und" or sense.language in (language, _EVERY_LANGUAGE)
            if spoken and (ends or sense.prefix):
                found.append((words.words[at], sense))
    return found


def _add(senses: dict[str, list[_Sense]], words: Iterable[str], sort: int, name: str, language: str) -> None:
    for word in words:
        pattern = fold(word)
        prefix = pattern.endswith("*")
        pattern = pattern.removesuffix("*").rstrip()
        if pattern:
            senses.setdefault(pattern, []).append(_Sense(sort, name, language, prefix))


def _worst(metrics: Iterable[Metric]) -> float | None:
    return max(map(_negativity, metrics), default=None)


@lru_cache(maxsize=_MOST_ANSWERS)
def _negativity(metric: Metric) -> float:
    """Return 0..1: NPS max(0,(7-s)/7), CSAT max(0,(4-s)/3), CES max(0,(5-e)/4), as in deploy/docs/severity.md."""
    usual, score = scale_of(metric.kind), on_scale(metric)
    if metric.kind == "binary":
        return 0.7 if score < usual.good_from else 0.0
    return max(0.0, (usual.good_from - score) / (usual.good_from - usual.low))
