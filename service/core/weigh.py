"""Scores, priority and words of one feedback -> Signals: what severity is made of, before anything else is looked at.

Nothing is refused. What was not given stays None: a missing score is no good score, and silence is no sentiment.
Negation is not read ("not bad" counts as "bad"); the playbook's own words say what matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, Implementation

from service.core.playbook.severity import SeverityRules
from service.core.records.feedback import Feedback, Metric, Signals
from service.core.records.words import Change
from service.core.scale import on_scale, scale_of
from service.core.text import fold, is_word_edge

_EVERY_LANGUAGE = "*"
_HOT, _OVERRIDE, _NEGATIVE, _POSITIVE = range(4)


@dataclass(frozen=True, slots=True)
class _Sense:
    """What one word means in some languages: a hot class, an override class, or a side of the lexicon."""

    sort: int
    name: str
    language: str
    prefix: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRules:
    """The playbook's words of severity, compiled once."""

    words: tuple[str, ...] = field(repr=False)
    senses: tuple[tuple[_Sense, ...], ...] = field(repr=False)
    automaton: AhoCorasick = field(repr=False, compare=False)


def compile_words(rules: SeverityRules) -> WordRules:
    """Compile hot words, overrides and lexicons into one automaton."""
    senses: dict[str, list[_Sense]] = {}
    for sort, classes in ((_HOT, rules.hot_words), (_OVERRIDE, rules.overrides)):
        for one in classes:
            for language, words in one.words.items():
                _add(senses, words, sort, one.id, language)
    for language, lexicon in rules.sentiment.items():
        _add(senses, lexicon.negative, _NEGATIVE, "", language)
        _add(senses, lexicon.positive, _POSITIVE, "", language)
    return WordRules(
        words=tuple(senses),
        senses=tuple(tuple(found) for found in senses.values()),
        automaton=AhoCorasick(list(senses), implementation=Implementation.ContiguousNFA),
    )


def weigh(feedback: Feedback, words: WordRules, rules: SeverityRules) -> Signals:
    """Read the signals of one feedback.

    A score outranks a ticket's priority. `negative_text` is (n + 1/2) / (n + p + 1) for n negative and p positive
    words, None when there is neither; `sentiment` is (p - n) / (p + n). deploy/docs/severity.md says why.
    """
    negative = _worst(feedback.metrics)
    scored = negative is not None
    if negative is None and feedback.change is Change.STATE and feedback.priority is not None:
        negative = rules.priority.get(feedback.priority, 0.0)
        if feedback.sla_breached:
            negative = max(negative, rules.sla_breached)
    hot: set[str] = set()
    overrides: set[str] = set()
    sides = {_NEGATIVE: set[str](), _POSITIVE: set[str]()}
    for word, sense in _met(fold(feedback.text), feedback.language, words):
        match sense.sort:
            case 0:
                hot.add(sense.name)
            case 1:
                overrides.add(sense.name)
            case side:
                sides[side].add(word)
    bad, good = len(sides[_NEGATIVE]), len(sides[_POSITIVE])
    heard = bad + good > 0
    return Signals(
        negativity=negative,
        scored=scored,
        sentiment=round((good - bad) / (good + bad), 6) if heard else None,
        negative_text=round((bad + 0.5) / (bad + good + 1), 6) if heard else None,
        hot=tuple(sorted(hot)),
        overrides=tuple(sorted(overrides)),
    )


def _met(text: str, language: str, words: WordRules) -> Iterable[tuple[str, _Sense]]:
    if not text:
        return
    for at, start, end in words.automaton.find_matches_as_indexes(text, overlapping=True):
        if not is_word_edge(text, start):
            continue
        ends = is_word_edge(text, end)
        for sense in words.senses[at]:
            spoken = language == "und" or sense.language in (language, _EVERY_LANGUAGE)
            if spoken and (ends or sense.prefix):
                yield words.words[at], sense


def _add(senses: dict[str, list[_Sense]], words: Iterable[str], sort: int, name: str, language: str) -> None:
    for word in words:
        pattern = fold(word)
        prefix = pattern.endswith("*")
        pattern = pattern.removesuffix("*").rstrip()
        if pattern:
            senses.setdefault(pattern, []).append(_Sense(sort, name, language, prefix))


def _worst(metrics: Iterable[Metric]) -> float | None:
    return max((_negativity(metric) for metric in metrics), default=None)


def _negativity(metric: Metric) -> float:
    """Return 0..1: NPS max(0,(7-s)/7), CSAT max(0,(4-s)/3), CES max(0,(5-e)/4), as in deploy/docs/severity.md."""
    usual, score = scale_of(metric.kind), on_scale(metric)
    if metric.kind == "binary":
        return 0.7 if score < usual.good_from else 0.0
    return max(0.0, (usual.good_from - score) / (usual.good_from - usual.low))
