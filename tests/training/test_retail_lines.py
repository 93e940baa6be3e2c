"""The labelled lines that ship with the retail playbook: of its taxonomy, in its languages, about nobody."""

from collections import Counter
from collections.abc import Sequence
from functools import cache

import orjson

from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import of_axis
from service.core.records.words import Axis
from service.core.redact import redact
from service.core.text import fold, visible
from service.training import Labelled, read_labelled

RETAIL = playbooks() / "retail"
FILE = RETAIL / "labelled.jsonl"
LANGUAGES = ("en", "de", "fr", "es")
FEWEST_A_CATEGORY, FEWEST_OUT_OF_SCOPE = 6, 40


@cache
def retail() -> Playbook:
    playbook = load(RETAIL).playbook
    assert playbook is not None
    return playbook


@cache
def lines() -> Sequence[Labelled]:
    with FILE.open("rb") as stream:
        found, faults = read_labelled(stream, retail().privacy.phone_region)
    assert list(faults) == []
    return found


def test_every_line_says_what_the_format_asks_for_and_no_more() -> None:
    told = [orjson.loads(line) for line in FILE.read_bytes().splitlines()]
    assert {tuple(one) for one in told} == {("id", "text", "language", "labels")}
    assert {one["language"] for one in told} == set(LANGUAGES)
    assert [one for one in told if not one["text"].strip() or len(one["labels"]) > 1] == []


def test_every_issue_has_lines_in_each_language_and_none_is_of_another_taxonomy() -> None:
    issues = {one.id for one in of_axis(retail().taxonomy, Axis.ISSUE)}
    counts = Counter((label, line.language) for line in lines() for label in line.labels)
    assert {label for label, _ in counts} == issues
    few = [(issue, name) for issue in issues for name in LANGUAGES if counts[issue, name] < FEWEST_A_CATEGORY]
    assert few == []


def test_some_lines_are_out_of_scope() -> None:
    assert sum(not line.labels for line in lines()) >= FEWEST_OUT_OF_SCOPE


def test_no_text_stands_twice() -> None:
    counts = Counter(fold(line.text) for line in lines())
    assert [text for text, count in counts.items() if count > 1] == []


def test_redaction_finds_nobody_in_them() -> None:
    told = [orjson.loads(line)["text"] for line in FILE.read_bytes().splitlines()]
    assert [text for text in told if redact(visible(text), retail().privacy.phone_region).text != text] == []


def test_they_are_no_document_of_the_playbook_and_so_not_in_its_digest() -> None:
    assert sorted(load(RETAIL).documents) == [
        f"retail/{name}.yaml" for name in ("playbook", "routes", "severity", "taxonomy")
    ]
