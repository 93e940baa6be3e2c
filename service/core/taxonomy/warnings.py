"""Playbook -> what does not stop it and should be looked at: its size, its languages, its axes and its examples."""

from collections import Counter
from collections.abc import Iterator

from service.core.categorise import EVERY_LANGUAGE
from service.core.playbook.expressions import tokens
from service.core.playbook.faults import Fault
from service.core.playbook.faults.fault import Path
from service.core.playbook.model import Playbook, Route
from service.core.playbook.renames import old_ids
from service.core.playbook.taxonomy import Category, of_axis, renamed
from service.core.records.words import Axis
from service.core.taxonomy.examples import example_warnings

MOST_ISSUES = 60
MOST_GROUPS = 10


def warnings(playbook: Playbook) -> tuple[Fault, ...]:
    """Say what should be looked at in a playbook without faults."""
    return (*_sizes(playbook), *_languages(playbook), *_mixed(playbook), *_old(playbook), *example_warnings(playbook))


def _sizes(playbook: Playbook) -> Iterator[Fault]:
    issues = of_axis(playbook.taxonomy, Axis.ISSUE)
    groups = Counter(one.area for one in issues)
    if len(issues) > MOST_ISSUES:
        message = f"has {len(issues)} issues; people choose badly among more than {MOST_ISSUES}"
        yield Fault(path=("taxonomy",), message=message)
    # A taxonomy whose ids have no dots, and that names no groups, was not meant to have any.
    if len(groups) > MOST_GROUPS and any(one.area != one.id for one in issues):
        message = f"has {len(groups)} groups of issues; people choose badly among more than {MOST_GROUPS}"
        yield Fault(path=("taxonomy",), message=message)


def _languages(playbook: Playbook) -> Iterator[Fault]:
    """A category with words for every language lacks none, and one that is known by labels alone has none to lack."""
    worded = [one for one in playbook.taxonomy if one.keywords and EVERY_LANGUAGE not in one.keywords]
    spoken = Counter(language for one in worded for language in one.keywords)
    for language, count in sorted(spoken.items()):
        if count < len(worded):
            lacking = [one.id for one in worded if language not in one.keywords]
            message = f"{len(lacking)} of {len(worded)} categories have no keywords in {language}: {_some(lacking)}"
            yield Fault(path=("taxonomy",), message=message)
    labelled = Counter(language for one in playbook.taxonomy for language in one.label)
    for language, count in sorted(labelled.items()):
        if count < len(playbook.taxonomy):
            lacking = [one.id for one in playbook.taxonomy if language not in one.label]
            message = f"{len(lacking)} of {len(playbook.taxonomy)} categories have no label in {language}: "
            yield Fault(path=("taxonomy",), message=message + _some(lacking))


def _mixed(playbook: Playbook) -> Iterator[Fault]:
    others = [one for one in playbook.taxonomy if one.axis is not Axis.ISSUE]
    for at, issue in enumerate(playbook.taxonomy):
        for other in others if issue.axis is Axis.ISSUE else ():
            same = [name for name in issue.keywords if _words(issue, name) == _words(other, name)]
            if same:
                message = f"has the very words of the {other.axis.value} {other.id}; one of them is on the wrong axis"
                yield Fault(path=("taxonomy", at, "keywords", same[0]), message=message)
                break


def _old(playbook: Playbook) -> Iterator[Fault]:
    """A rule means by an old id what has replaced it; a condition means the text that is written there."""
    new = renamed(playbook.taxonomy)
    for path, old in old_ids(playbook):
        yield Fault(path=path, message=f"{old} is {new[old]} now; write that")
    for path, node in _nodes(("routes",), playbook.routes):
        named = {token.text[1:-1] for token in tokens(node.when or "") if token.sort == "text"}
        for old in sorted(named & new.keys()):
            message = f"{old} is {new[old]} now, and no feedback has that id any more; write {new[old]}"
            yield Fault(path=(*path, "when"), message=message)


def _nodes(path: Path, node: Route) -> Iterator[tuple[Path, Route]]:
    yield path, node
    for at, child in enumerate(node.routes):
        yield from _nodes((*path, "routes", at), child)


def _words(category: Category, language: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in category.keywords.get(language, ()))


def _some(names: list[str], most: int = 5) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
