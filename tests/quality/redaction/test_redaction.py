"""Redaction on generated texts in six languages, by class; `make quality` prints the table."""

import sys
from collections.abc import Iterable, Mapping

import pytest

from tests.quality.redaction.drawing_board import DRAWING_BOARD
from tests.quality.redaction.held_out import HELD_OUT
from tests.quality.redaction.measured import Score, measured, total
from tests.quality.redaction.second_board import SECOND_BOARD
from tests.quality.redaction.written import Words, texts

pytestmark = pytest.mark.quality

SEED, EACH = 20261126, 40


@pytest.mark.parametrize(
    "words", [DRAWING_BOARD, SECOND_BOARD, HELD_OUT], ids=["drawing board", "second board", "held out"]
)
def test_what_is_planted_is_found_and_little_else(
    words: Mapping[str, Words], capsys: pytest.CaptureFixture[str]
) -> None:
    scores = measured(texts(words, SEED, EACH))
    with capsys.disabled():
        sys.stdout.write(f"\n{_table(scores)}\n")
    whole = total(scores.values())
    assert whole.planted > 3_000
    assert whole.recall >= 0.995
    assert whole.precision >= 0.98


def _table(scores: Mapping[tuple[str, str], Score]) -> str:
    """Write recall and precision by class and language, each with how many there are."""
    languages = sorted({language for language, _ in scores})
    kinds = sorted({kind for _, kind in scores})
    rows = [["class", *languages, "all"]]
    for kind in (*kinds, "all"):
        cells = [
            _cell(one for (own, of), one in scores.items() if own == language and kind in (of, "all"))
            for language in languages
        ]
        rows.append([kind, *cells, _cell(one for (_, of), one in scores.items() if kind in (of, "all"))])
    return "\n".join(" | ".join(f"{cell:>17}" for cell in row) for row in rows)


def _cell(scores: Iterable[Score]) -> str:
    one = total(scores)
    return f"{100 * one.recall:.1f}/{100 * one.precision:.1f} ({one.planted})" if one.planted or one.told else ""
