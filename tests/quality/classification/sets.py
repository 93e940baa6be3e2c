"""The real files as labelled lines, and what is held out of them: always the same lines, so that figures compare."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.model_selection import train_test_split

from service.training import Labelled

SEED = 42
_HELD_OUT = 0.2

Split = tuple[list[Labelled], list[Labelled]]


def banking(data: Path) -> Split:
    """A fifth of the official training part stands in for the official test part, which is not here."""
    with (data / "banking77" / "train.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return _split([Labelled(id=str(at), text=row["text"], labels=(row["category"],)) for at, row in enumerate(rows)])


def few_of(learnt: Sequence[Labelled], seed: int, count: int = 10) -> list[Labelled]:
    """Draw `count` lines of each class."""
    dice = np.random.default_rng(seed)
    of: dict[str, list[Labelled]] = {}
    for line in learnt:
        of.setdefault(line.labels[0], []).append(line)
    return [of[label][at] for label in sorted(of) for at in dice.permutation(len(of[label]))[:count]]


def without(split: Split, seed: int, count: int = 15) -> tuple[list[Labelled], list[Labelled], list[Labelled]]:
    """Leave `count` classes out: lines to learn, held-out lines in scope, held-out lines of the classes left out."""
    learnt, held = split
    labels = sorted({line.labels[0] for line in learnt})
    left = {labels[at] for at in np.random.default_rng(seed).permutation(len(labels))[:count]}
    return (
        [line for line in learnt if line.labels[0] not in left],
        [line for line in held if line.labels[0] not in left],
        [line for line in held if line.labels[0] in left],
    )


def nhs_topics(data: Path, *, question: bool) -> Split:
    """Texts that stand twice are dropped, since one of them would be learnt and the other asked about."""
    lines: dict[str, Labelled] = {}
    with (data / "nhs_severity.jsonl").open(encoding="utf-8") as file:
        for at, raw in enumerate(file):
            row = json.loads(raw)
            if row["feedback"] and row["label"] and row["feedback"] not in lines:
                asked = row["question"] if question else ""
                lines[row["feedback"]] = Labelled(
                    id=str(at), text=row["feedback"], question=asked, labels=(row["label"],)
                )
    return _split(list(lines.values()))


def _split(lines: Sequence[Labelled]) -> Split:
    learnt, held = train_test_split(
        np.arange(len(lines)),
        test_size=_HELD_OUT,
        random_state=SEED,
        stratify=[line.labels[0] for line in lines],
    )
    return [lines[at] for at in learnt], [lines[at] for at in held]
