"""Playbook -> the examples of its categories that the rules without a classifier do not bear out.

A text that is said not to belong and is put there is a fault. One that belongs and is not put there is a warning, since
a classifier may yet place it.
"""

from collections.abc import Iterator

from service.core.categorise import KeywordRules, categorise
from service.core.playbook.faults import Fault
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import Category, Examples
from service.core.records.words import UNMAPPED, Axis, FeedbackKind
from service.core.taxonomy.ladder import compile_ladder


def example_faults(playbook: Playbook) -> Iterator[Fault]:
    for path, category, found, _ in _placed(playbook, "exclude"):
        if found == category.id:
            message = f"is said not to belong here, and its words put it here; change the keywords of {category.id}"
            yield Fault(path=path, message=message)


def example_warnings(playbook: Playbook) -> Iterator[Fault]:
    for path, category, found, words in _placed(playbook, "include"):
        if found == UNMAPPED:
            yield Fault(path=path, message="no word of it is a keyword; only a classifier can place it")
        elif found != category.id:
            yield Fault(path=path, message=f"its words ({', '.join(words)}) put it into {found}, not here")


def _placed(playbook: Playbook, side: str) -> Iterator[tuple[tuple[str | int, ...], Category, str, tuple[str, ...]]]:
    """Yield the place of each example, its category, and where which words put it."""
    if not any(getattr(one.examples, side) for one in playbook.taxonomy):
        return
    ladder = compile_ladder(playbook)
    by_axis: dict[Axis, KeywordRules] = {Axis.ISSUE: ladder.issues, **ladder.others}
    for at, category in enumerate(playbook.taxonomy):
        texts: Examples = getattr(category.examples, side)
        for language, examples in texts.items():
            for place, text in enumerate(examples):
                kind = category.kinds[0] if category.kinds else FeedbackKind.SURVEY
                found = categorise(by_axis[category.axis], (), text, language, kind=kind)
                path = ("taxonomy", at, "examples", side, language, place)
                yield path, category, found.category, found.matched
