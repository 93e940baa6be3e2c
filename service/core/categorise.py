"""Labels and text of a feedback -> its category: what the source's labels name, else what the keywords of the text say.

Nothing is refused: where neither speaks, the category is `unmapped`. Negation is not read: "no refund" counts as
"refund", and `exclude` is how a playbook says otherwise. Keywords meet the text folded (`text.fold`), as whole words
where the script puts spaces between words, anywhere where it does not. One axis is read at a time; what the labels of
one source mean comes before what they mean elsewhere, and the categories that a kind of feedback has to itself before
those that are open to all.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ahocorasick_rs import AhoCorasick, Implementation

from service.core.records.feedback import Categorised
from service.core.records.words import CategoryMethod, FeedbackKind
from service.core.text import fold, is_unspaced, is_word_edge

UNMAPPED = "unmapped"
EVERY_LANGUAGE = "*"
EVERYWHERE = "*"

_UNDETERMINED = frozenset(("", "und", "mul", "zxx"))
_MOST_CATEGORIES = 3
_MOST_MATCHED = 8
# A single word without a rival gets a confidence of 2/3, a phrase of two words 0.8.
_DOUBT = 0.5
_NOTHING = Categorised(category=UNMAPPED, confidence=0.0, method=CategoryMethod.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRules:
    """What one category is known by; `keywords` by language subtag, or `*` for every language.

    A keyword or an exclusion that ends in `*` also meets longer words. A text with one of `exclude` has no keyword of
    this category. What folds to nothing never meets a text. With `kinds` it is for feedback of these alone.
    """

    category: str
    labels: tuple[str, ...] = ()
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    kinds: tuple[FeedbackKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """One meaning of a pattern: which category (its place in the taxonomy) it speaks for, or against when excluding."""

    place: int
    keyword: str
    languages: frozenset[str]
    prefix: bool
    weight: int
    excludes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordRules:
    """The rules of all categories, compiled once; patterns have the order in which the automaton numbers them.

    `labels_of` has what labels mean to the sources that say so, `labels` what they mean to all others. `kinds` is by
    the place of those categories that are not for all.
    """

    categories: tuple[str, ...]
    labels: Mapping[str, tuple[int, ...]] = field(repr=False)
    labels_of: Mapping[str, Mapping[str, tuple[int, ...]]] = field(repr=False)
    kinds: Mapping[int, frozenset[FeedbackKind]]
    uses: tuple[tuple[_Use, ...], ...] = field(repr=False)
    automaton: AhoCorasick = field(repr=False, compare=False)


def compile_rules(
    categories: Sequence[CategoryRules], crosswalk: Mapping[str, Mapping[str, str]] | None = None
) -> KeywordRules:
    """Compile the rules; the order of `categories` is the order in which ties are decided.

    `crosswalk` gives the categories of labels by the URI of the source that uses them, or under `*`; labels of other
    categories than these are passed over.
    """
    labels: dict[str, tuple[int, ...]] = {}
    uses: dict[str, list[_Use]] = {}
    for place, rules in enumerate(categories):
        for label in dict.fromkeys(fold(label) for label in rules.labels):
            labels[label] = (*labels.get(label, ()), place)
        for pattern, use in _uses(place, rules):
            uses.setdefault(pattern, []).append(use)
    places = {rules.category: place for place, rules in enumerate(categories)}
    walked = {
        source: {fold(label): (places[name],) for label, name in meant.items() if name in places}
        for source, meant in (crosswalk or {}).items()
    }
    everywhere = {label: held for label, held in {**labels, **walked.pop(EVERYWHERE, {})}.items() if label}
    return KeywordRules(
        categories=tuple(places),
        labels=everywhere,
        labels_of={source: {**everywhere, **meant} for source, meant in walked.items()},
        kinds={place: frozenset(rules.kinds) for place, rules in enumerate(categories) if rules.kinds},
        uses=tuple(map(tuple, uses.values())),
        automaton=AhoCorasick(list(uses), implementation=Implementation.ContiguousNFA),
    )


def categorise(
    rules: KeywordRules,
    labels: Collection[str],
    text: str,
    language: str | None,
    source: str = "",
    kind: FeedbackKind | None = None,
    folded: str | None = None,
) -> Categorised:
    """Name the category of a feedback, and up to two more.

    Labels decide by how many of them name a category; its share is the confidence. Keywords decide by the sum of the
    weights of the distinct ones met, a weight being the words in the keyword; the confidence is s/(s+r) * s/(s+0.5)
    for the best sum s and the next best r. It ranks evidence and is no calibrated probability. Ties go to the category
    declared first. `matched` has what decided, heaviest first. Without a language, every keyword applies. `source` is
    the URI of the feedback's source, `kind` its kind; without one, categories of all kinds count alike. `folded`
    is the text folded, where that was done already.
    """
    if not labels and not text:
        return _NOTHING
    named = _named(rules.labels_of.get(source, rules.labels), labels)
    said = _said(rules, fold(text) if folded is None else folded, _primary(language))
    if kind is not None and rules.kinds:
        open_to = _branch(rules, {*named, *said}, kind)
        named = {place: found for place, found in named.items() if open_to(place)}
        said = {place: found for place, found in said.items() if open_to(place)}
    by_label = sorted(named, key=lambda place: (-len(named[place]), place))
    by_keyword = sorted(said, key=lambda place: (-said[place].total(), place))
    ranking = list(dict.fromkeys(by_label + by_keyword))[:_MOST_CATEGORIES]
    if not ranking:
        return _NOTHING
    first = ranking[0]
    if by_label:
        method, matched = CategoryMethod.LABEL, sorted(named[first])
        confidence = len(named[first]) / sum(map(len, named.values()))
    else:
        method, matched = CategoryMethod.KEYWORD, sorted(said[first], key=lambda word: (-said[first][word], word))
        confidence = _confidence([said[place].total() for place in by_keyword])
    return Categorised(
        category=rules.categories[first],
        confidence=confidence,
        method=method,
        categories=tuple(rules.categories[place] for place in ranking),
        matched=tuple(matched[:_MOST_MATCHED]),
    )


def _uses(place: int, rules: CategoryRules) -> Sequence[tuple[str, _Use]]:
    languages: dict[str, set[str]] = {}
    for language, keywords in rules.keywords.items():
        for keyword in keywords:
            languages.setdefault(fold(keyword), set()).add(_primary(language))
    kept = [(keyword, frozenset(spoken), False) for keyword, spoken in languages.items()]
    kept += [(keyword, frozenset((EVERY_LANGUAGE,)), True) for keyword in dict.fromkeys(map(fold, rules.exclude))]
    return [
        (
            pattern,
            _Use(
                place=place,
                keyword=keyword,
                languages=spoken,
                prefix=keyword.endswith("*"),
                weight=_weight(pattern),
                excludes=excludes,
            ),
        )
        for keyword, spoken, excludes in kept
        if (pattern := keyword.removesuffix("*").rstrip())
    ]


def _weight(pattern: str) -> int:
    """Count the words; a script without spaces is taken to have one for every two characters."""
    return max(pattern.count(" ") + 1, sum(map(is_unspaced, pattern)) // 2)


def _primary(language: str | None) -> str:
    return (language or "").replace("_", "-").split("-")[0].strip().lower()


def _branch(rules: KeywordRules, met: Collection[int], kind: FeedbackKind) -> Callable[[int], bool]:
    """Keep to what a kind has to itself where any of that was met, else to what is open to all."""
    if any(kind in rules.kinds.get(place, ()) for place in met):
        return lambda place: kind in rules.kinds.get(place, ())
    return lambda place: place not in rules.kinds


def _named(meant: Mapping[str, tuple[int, ...]], labels: Collection[str]) -> dict[int, set[str]]:
    named: dict[int, set[str]] = {}
    for label in map(fold, labels):
        for place in meant.get(label, ()):
            named.setdefault(place, set()).add(label)
    return named


def _said(rules: KeywordRules, text: str, language: str) -> dict[int, Counter[str]]:
    """Return the weight of each distinct keyword met, by the place of its category."""
    said: dict[int, Counter[str]] = {}
    excluded: set[int] = set()
    whole: set[int] = set()
    for pattern, start, end in rules.automaton.find_matches_as_indexes(text, overlapping=True):
        # A word that was met whole has said all that it can.
        if pattern in whole or not is_word_edge(text, start):
            continue
        ends = is_word_edge(text, end)
        if ends:
            whole.add(pattern)
        for use in rules.uses[pattern]:
            if not (ends or use.prefix):
                continue
            if use.excludes:
                excluded.add(use.place)
            elif language in _UNDETERMINED or language in use.languages or EVERY_LANGUAGE in use.languages:
                said.setdefault(use.place, Counter())[use.keyword] = use.weight
    return {place: words for place, words in said.items() if place not in excluded}


def _confidence(totals: Sequence[int]) -> float:
    best = totals[0]
    rival = totals[1] if len(totals) > 1 else 0
    return best / (best + rival) * best / (best + _DOUBT)
