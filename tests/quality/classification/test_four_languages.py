"""The same complaint in each of the retail playbook's four languages: how much is named, and named right.

What is shown per language is for the ladder as the playbook has it, without a classifier, which would be one more entry
of `LADDERS`.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.categorise import categorise
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.words import UNMAPPED
from tests.quality.classification.complaints import COMPLAINTS

pytestmark = pytest.mark.quality

LANGUAGES = ("en", "de", "fr", "es")
# The rules, a text and its language -> the category that is named.
Ladder = Callable[[Rules, str, str], str]


def keywords(rules: Rules, text: str, language: str) -> str:
    return categorise(rules.keywords, (), text, language).category


LADDERS: Mapping[str, Ladder] = {"keywords": keywords}
# How many complaints of each language the ladder named right when this was written; it may get better, not worse.
REACHED: Mapping[str, Mapping[str, int]] = {"keywords": {"en": 3, "de": 5, "fr": 8, "es": 7}}


@dataclass(frozen=True, slots=True)
class Reached:
    n: int
    named: int
    right: int


def retail() -> Rules:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return compile_playbook(playbook)


def measured(ladder: Ladder) -> tuple[dict[str, Reached], int]:
    """What each language reached, and how many complaints were named alike in all four."""
    rules, named, right, alike = retail(), Counter[str](), Counter[str](), 0
    for one in COMPLAINTS:
        found = {language: ladder(rules, one.said_in(language), language) for language in LANGUAGES}
        named.update(language for language, category in found.items() if category != UNMAPPED)
        right.update(language for language, category in found.items() if category == one.category)
        alike += set(found.values()) == {one.category}
    return {name: Reached(len(COMPLAINTS), named[name], right[name]) for name in LANGUAGES}, alike


def test_the_complaints_are_of_the_playbooks_categories() -> None:
    issues = {one.id for one in retail().playbook.taxonomy}
    assert {one.category for one in COMPLAINTS} == issues
    assert len({one.said_in(name) for one in COMPLAINTS for name in LANGUAGES}) == len(LANGUAGES) * len(COMPLAINTS)


@pytest.mark.parametrize("name", LADDERS)
def test_the_same_complaint_lands_in_the_same_category(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    reached, alike = measured(LADDERS[name])
    for language, one in reached.items():
        said = f"n {one.n}, named {one.named / one.n:.0%}, right {one.right / one.n:.0%} of all, "
        said += f"{one.right / max(1, one.named):.0%} of the named"
        record_property(f"{name} {language}", said)
        print(f"{name} {language}: {said}")  # noqa: T201 - the figures are what the test is for
    print(f"{name}: {alike} of {len(COMPLAINTS)} right in all four")  # noqa: T201 - as above
    floor = REACHED[name]
    assert {language: one for language, one in reached.items() if one.right < floor[language]} == {}
