"""The same complaint in each of the retail playbook's four languages: how much is named, and named right.

What is shown per language is for the ladder as the playbook has it, without a classifier, and for the ladder with each
of the classifiers that `train` makes of the playbook's labelled lines. Those lines were written without a look at the
complaints, and no setting was chosen by them. Both are made up, though, and many a complaint is worded much like some
line: so what is far from every line is counted apart, and held-out lines show what becomes of what no line tells.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest

from service.adapters.encoders import ENCODERS, Unavailable, open_encoder
from service.adapters.english import valences
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.cli.training import names_of
from service.cli.vectors import encoders, static_ones, teachers
from service.core.classify import Model
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records.words import UNMAPPED
from service.core.text import fold
from service.training import Labelled, climb, read_labelled, train
from service.training.fit import UNSURE
from tests.quality.classification.complaints import COMPLAINTS

pytestmark = pytest.mark.quality

LANGUAGES = ("en", "de", "fr", "es")
# By the command: who teaches (whoever is installed, where nobody is named), who is asked, and about which share of
# texts. None is no classifier.
LADDERS: Mapping[str, tuple[Sequence[str], Sequence[str], float] | None] = {
    "keywords": None,
    "train --teacher none": (("none",), (), UNSURE),
    "train": ((), (), UNSURE),
    "train --teacher use": (("use",), (), UNSURE),
    "train --encoder use": ((), ("use",), UNSURE),
    "train --encoder use --asked 0.5": ((), ("use",), 0.5),
}
# How many complaints of each language, and how many in all four, the ladder named right when this was written, or two
# fewer for what is trained; it may get better, not worse.
REACHED: Mapping[str, Mapping[str, int]] = {
    "keywords": {"en": 3, "de": 5, "fr": 8, "es": 7, "all four": 1},
    "train --teacher none": {"en": 39, "de": 38, "fr": 37, "es": 39, "all four": 31},
    "train": {"en": 42, "de": 38, "fr": 36, "es": 37, "all four": 32},
    "train --teacher use": {"en": 42, "de": 34, "fr": 36, "es": 38, "all four": 28},
    "train --encoder use": {"en": 41, "de": 39, "fr": 36, "es": 37, "all four": 33},
    "train --encoder use --asked 0.5": {"en": 40, "de": 40, "fr": 38, "es": 38, "all four": 33},
}
# How many of the 240 held-out lines it named right, less six.
REACHED_HELD_OUT: Mapping[str, int] = {
    "train --teacher none": 74,
    "train": 65,
    "train --teacher use": 59,
    "train --encoder use": 72,
    "train --encoder use --asked 0.5": 89,
}
# A complaint is far from the lines if, with the nearest of its language, it shares less than this of the words of both.
NEAR = 0.3


@dataclass(slots=True)
class Reached:
    n: int = 0
    named: int = 0
    right: int = 0
    far: int = 0
    far_right: int = 0

    def __str__(self) -> str:
        said = f"n {self.n}, named {self.named / self.n:.0%}, right {self.right / self.n:.0%} of all, "
        said += f"{self.right / max(1, self.named):.0%} of the named"
        return said + (f"; of the {self.far} far from every line {self.far_right / self.far:.0%}" if self.far else "")


@cache
def retail() -> Rules:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return compile_playbook(playbook)


@cache
def lines() -> Sequence[Labelled]:
    with (playbooks() / "retail" / "labelled.jsonl").open("rb") as stream:
        return read_labelled(stream, retail().playbook.privacy.phone_region)[0]


def trained(name: str, learnt: Sequence[Labelled]) -> Model | None:
    """Return what the command makes of these lines."""
    if (options := LADDERS[name]) is None:
        return None
    taught_by, asks, unsure = options
    if "none" not in taught_by and (missing := not_installed()):
        pytest.skip(f"not installed: {', '.join(missing)}")
    asked = encoders(asks)
    model = train(
        learnt,
        seed=1,
        vectors={**static_ones(), **asked},
        slow=asked,
        unsure=unsure,
        teachers=teachers(taught_by),
        names=names_of(retail().playbook),
        lexicon=valences(),
    ).model
    # Its file would give it a digest, without which no playbook can name it.
    return replace(model, digest="0" * 64)


@cache
def not_installed() -> Sequence[str]:
    return [one for one in ENCODERS if isinstance(open_encoder(one), Unavailable)]


def reached(said: Mapping[str, Sequence[str]], right: Mapping[str, Sequence[str]]) -> dict[str, Reached]:
    """Count by language what was said beside what is right, both in the same order."""
    return {
        language: Reached(
            n=len(found),
            named=sum(one != UNMAPPED for one in found),
            right=sum(one == wanted for one, wanted in zip(found, right[language], strict=True)),
        )
        for language, found in said.items()
    }


def climbed(asked: Sequence[Labelled], model: Model | None) -> Sequence[str]:
    return [one.category for one in climb(asked, retail(), model)]


def is_far(text: str, language: str) -> bool:
    """Say whether no labelled line of the language has much the same words."""
    words = _words(text)
    return all(len(words & known) < NEAR * len(words | known) for known in _words_of_lines(language))


@cache
def _words_of_lines(language: str) -> Sequence[frozenset[str]]:
    return [_words(line.text) for line in lines() if line.language == language]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", fold(text)))


def show(name: str, record: Callable[[str, object], None], found: Mapping[str, object]) -> None:
    for what, said in found.items():
        record(f"{name} {what}", str(said))
        print(f"{name}: {what}: {said}")  # noqa: T201 - the figures are what the tests are for


def test_the_complaints_are_of_the_playbooks_categories() -> None:
    issues = {one.id for one in retail().playbook.taxonomy}
    assert {one.category for one in COMPLAINTS} == issues
    assert len({one.said_in(name) for one in COMPLAINTS for name in LANGUAGES}) == len(LANGUAGES) * len(COMPLAINTS)


@pytest.mark.parametrize("name", LADDERS)
def test_the_same_complaint_lands_in_the_same_category(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    model, wanted = trained(name, lines()), [one.category for one in COMPLAINTS]
    said = {
        language: climbed([Labelled(id="", text=one.said_in(language), language=language) for one in COMPLAINTS], model)
        for language in LANGUAGES
    }
    found = reached(said, dict.fromkeys(LANGUAGES, wanted))
    for language, one in found.items() if model else ():
        far = [at for at, text in enumerate(COMPLAINTS) if is_far(text.said_in(language), language)]
        one.far, one.far_right = len(far), sum(said[language][at] == wanted[at] for at in far)
    alike = sum(set(four) == {right} for *four, right in zip(*said.values(), wanted, strict=True))
    show(name, record_property, {**found, "all four": f"{alike} of {len(COMPLAINTS)} right"})
    got = {**{language: one.right for language, one in found.items()}, "all four": alike}
    assert {what: count for what, count in got.items() if count < REACHED[name][what]} == {}


@pytest.mark.parametrize("name", REACHED_HELD_OUT)
def test_what_no_line_tells_is_often_named_wrong(name: str, record_property: Callable[[str, object], None]) -> None:
    """Two of the ten things that each category's lines of a language tell are held out, in all languages at once."""
    held = [line for line in lines() if line.id.endswith(("-1", "-2"))]
    model = trained(name, [line for line in lines() if line not in held])
    of = {language: [one for one in held if one.labels and one.language == language] for language in LANGUAGES}
    found = reached(
        {language: climbed(asked, model) for language, asked in of.items()},
        {language: [one.labels[0] for one in asked] for language, asked in of.items()},
    )
    outside = climbed([one for one in held if not one.labels], model)
    abstained = f"{outside.count(UNMAPPED)} of {len(outside)} not named"
    show(f"{name}, held out", record_property, {**found, "out of scope": abstained})
    assert sum(one.right for one in found.values()) >= REACHED_HELD_OUT[name]
