"""Made-up labelled lines and vectors, to train small models on."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from service.training import Labelled, Trained, train

_WHAT = {
    "card": ("card", "plastic", "chip", "contactless"),
    "refund": ("refund", "money back", "reimbursement", "chargeback"),
    "delivery": ("parcel", "courier", "delivery", "shipment"),
}
_HOW = ("my {} is late", "where is the {}?", "the {} never came!", "I asked for a {} in vain", "no {} so far")
_HOW_MORE = ("still waiting: {}", "please send the {}", "what about my {}", "the {} is wrong", "is a {} possible?")


def lines(*, question: str = "", more: bool = True) -> list[Labelled]:
    """Forty lines of each of three classes, or twenty; the worse the words, the higher the severity."""
    made = []
    for label, words in _WHAT.items():
        for word in words:
            for at, how in enumerate(_HOW + (_HOW_MORE if more else ())):
                made.append(
                    Labelled(
                        id=f"{label}-{word}-{at}",
                        text=how.format(word),
                        question=question,
                        labels=(label,),
                        severity=float(at * 10),
                        sentiment=1 - at / 5,
                    )
                )
    return made


OUTSIDE = [
    Labelled(id=f"outside-{at}", text=text)
    for at, text in enumerate(("what a lovely sunset", "who won the match yesterday", "quark strangeness and charm"))
]


@dataclass(frozen=True)
class MadeUpVectors:
    """Each word has a direction drawn from its hash."""

    dimension: int = 16
    digest: str = "made-up"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for at, text in enumerate(texts):
            for word in text.lower().split():
                rows[at] += np.frombuffer(hashlib.sha256(word.encode()).digest()[: self.dimension], np.int8)
            rows[at] /= np.linalg.norm(rows[at]) or 1
        return rows


@cache
def trained(seed: int = 1) -> Trained:
    return train(
        lines() + OUTSIDE, seed=seed, vectors={"static": MadeUpVectors()}, lexicon={"late": -1.5, "wrong": -2.0}
    )
