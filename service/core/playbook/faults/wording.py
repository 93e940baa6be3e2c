"""Labels and words that decide nothing, or two things at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.core.playbook.faults.fault import Fault, Path
from service.core.playbook.model import Playbook
from service.core.playbook.severity import SeverityRules, WordClass
from service.core.playbook.taxonomy import Category
from service.core.records.words import Axis


def wording_faults(playbook: Playbook) -> Iterator[Fault]:
    yield from _taxonomy(playbook.taxonomy)
    yield from _severity(playbook.severity)


def _taxonomy(taxonomy: Sequence[Category]) -> Iterator[Fault]:
    labelled: dict[tuple[Axis, str], str] = {}
    worded: dict[tuple[Axis, str, frozenset[str]], str] = {}
    for at, category in enumerate(taxonomy):
        path: Path = ("taxonomy", at)
        if not category.label:
            yield Fault(path=(*path, "label"), message="has no label; write one for each language, such as en: Waiting")
        for place, label in enumerate(category.labels):
            holder = labelled.setdefault((category.axis, label.casefold()), category.id)
            if holder != category.id:
                message = f"the tool's label {label!r} already means {holder}; a label means one category of an axis"
                yield Fault(path=(*path, "labels", place), message=message)
        yield from _empty(path, "keywords", category.keywords)
        excluded = _folded(category.exclude)
        for language, words in category.keywords.items():
            holder = worded.setdefault((category.axis, language, _folded(words)), category.id)
            if words and holder != category.id:
                message = f"{holder} has the very same words, so that they tell nothing apart; change one of the two"
                yield Fault(path=(*path, "keywords", language), message=message)
            for word in sorted(_folded(words) & excluded):
                message = f"{word!r} is a keyword and excluded as well; take it out of one of the two"
                yield Fault(path=(*path, "keywords", language), message=message)


def _severity(rules: SeverityRules) -> Iterator[Fault]:
    for part, classes in (("hot_words", rules.hot_words), ("overrides", rules.overrides)):
        yield from _word_classes(("severity", part), classes)
    for language, lexicon in rules.sentiment.items():
        path: Path = ("severity", "sentiment", language)
        if not lexicon.negative and not lexicon.positive:
            yield Fault(path=path, message="has no words; write some, or leave the language out")
        for word in sorted(_folded(lexicon.negative) & _folded(lexicon.positive)):
            yield Fault(path=path, message=f"{word!r} is both negative and positive; take it out of one of the two")


def _word_classes(path: Path, classes: Iterable[WordClass]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, words in enumerate(classes):
        if words.id in seen:
            message = f"{words.id!r} comes before; put the words of one class together"
            yield Fault(path=(*path, at, "id"), message=message)
        seen.add(words.id)
        if not words.words:
            yield Fault(path=(*path, at, "words"), message="has no words; write some, or leave the class out")
        yield from _empty((*path, at), "words", words.words)


def _empty(path: Path, part: str, worded: Mapping[str, tuple[str, ...]]) -> Iterator[Fault]:
    for language, words in worded.items():
        if not words:
            yield Fault(path=(*path, part, language), message="has no words; write some, or leave the language out")


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)
