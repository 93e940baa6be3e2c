"""Both sets of patients' comments that people judged, as labelled lines, split as every figure of them is.

Dropped are texts that stand twice, empty ones and values that are none; then four fifths are learnt from, and the rest
is only looked at in the end (stratified, seed 42).
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sklearn.model_selection import train_test_split

from service.training import Labelled

_SENTIMENTS = {1: 1.0, 2: 0.5, 3: 0.0, 4: -0.5, 5: -1.0}
_UNKNOWN = "-"
_WORST, _BEST = -5, 5

Split = tuple[Sequence[Labelled], Sequence[Labelled]]


def criticality(folder: Path) -> Split:
    """Severity is 50 - 10 times the criticality, within 0 to 100."""
    lines = [
        (
            int(one["criticality"]),
            Labelled(
                id=str(number),
                text=one["feedback"].strip(),
                question=one["question"],
                labels=(one["label"],),
                severity=float(min(100, max(0, 50 - 10 * int(one["criticality"])))),
            ),
        )
        for number, one in enumerate(_lines(folder / "nhs_severity.jsonl"))
        if _is_criticality(one["criticality"])
    ]
    return _split(lines)


def survey(folder: Path) -> Split:
    """Sentiment 1 and 2 are positive, 3 neutral, 4 and 5 negative."""
    raw = {one["Comment ID"]: one for one in _lines(folder / "nhs_survey.raw.jsonl")}
    lines = [
        (
            one["sentiment"],
            Labelled(
                id=one["Comment ID"],
                text=raw[one["Comment ID"]]["FFT answer"].strip(),
                question=" ".join(raw[one["Comment ID"]]["FFT question"].split()),
                labels=(one["topics"][0] if one["topics"] else _UNKNOWN,),
                sentiment=_SENTIMENTS[one["sentiment"]],
            ),
        )
        for one in _lines(folder / "nhs_survey.labels.jsonl")
        if one["sentiment"] is not None
    ]
    return _split(lines)


def _split(judged: Iterable[tuple[int, Labelled]]) -> Split:
    """Deal the lines by what people gave, as it stands in the file; of a text that stands twice the first is kept."""
    first: dict[str, tuple[int, Labelled]] = {}
    for given, line in judged:
        if line.text:
            first.setdefault(line.text, (given, line))
    values, once = zip(*first.values(), strict=True)
    learnt, held = train_test_split(once, test_size=0.2, random_state=42, stratify=values)
    return learnt, held


def _is_criticality(value: str) -> bool:
    return value.lstrip("-").isdigit() and _WORST <= int(value) <= _BEST


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
