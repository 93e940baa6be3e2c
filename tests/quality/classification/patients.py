"""Both sets of patients' comments that people judged, as labelled lines, split as every figure of them is.

Dropped are texts that stand twice, empty ones and values that are none; then four fifths are learnt from, and the rest
is only looked at in the end (stratified, seed 42).
"""

import json
from collections.abc import Sequence
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
        Labelled(
            id=str(number),
            text=one["feedback"].strip(),
            question=one["question"],
            labels=(one["label"],),
            severity=float(min(100, max(0, 50 - 10 * int(one["criticality"])))),
        )
        for number, one in enumerate(_lines(folder / "nhs_severity.jsonl"))
        if _is_criticality(one["criticality"])
    ]
    return _split(lines, "severity")


def survey(folder: Path) -> Split:
    """Sentiment 1 and 2 are positive, 3 neutral, 4 and 5 negative."""
    raw = {one["Comment ID"]: one for one in _lines(folder / "nhs_survey.raw.jsonl")}
    lines = [
        Labelled(
            id=one["Comment ID"],
            text=raw[one["Comment ID"]]["FFT answer"].strip(),
            question=" ".join(raw[one["Comment ID"]]["FFT question"].split()),
            labels=(one["topics"][0] if one["topics"] else _UNKNOWN,),
            sentiment=_SENTIMENTS[one["sentiment"]],
        )
        for one in _lines(folder / "nhs_survey.labels.jsonl")
        if one["sentiment"] is not None
    ]
    return _split(lines, "sentiment")


def _split(lines: Sequence[Labelled], stratified_by: str) -> Split:
    first: dict[str, Labelled] = {}
    for one in lines:
        if one.text:
            first.setdefault(one.text, one)
    once = list(first.values())
    learnt, held = train_test_split(
        once, test_size=0.2, random_state=42, stratify=[getattr(one, stratified_by) for one in once]
    )
    return learnt, held


def _is_criticality(value: str) -> bool:
    return value.lstrip("-").isdigit() and _WORST <= int(value) <= _BEST


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
