"""A batch as a model sees it, and the model's stages -> the ranked classes of each text, and whether it is familiar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.core.classify.heads import Doubles
from service.core.classify.seen import Seen
from service.core.classify.stages import Stage


@dataclass(frozen=True, slots=True)
class Decided:
    """By text: `ranked` classes, likeliest first, their `probabilities` by place, and the `confidence` in the first.

    `closer` are the texts that slow stages were asked about, by place, and as these saw them.
    """

    ranked: NDArray[np.intp]
    probabilities: Doubles
    confidence: Doubles
    familiar: NDArray[np.bool_]
    closer: tuple[tuple[NDArray[np.intp], Seen], ...] = ()


def decide(seen: Seen, stages: Sequence[Stage]) -> Decided:
    """Let the best quick stage decide, and the slow ones after it where it is too little sure."""
    able = [stage for stage in stages if seen.can(stage.shares) and seen.has(stage.familiarity.views)]
    quick = [stage for stage in able if stage.below is None]
    decided = _by(seen, quick[-1])
    for stage in able:
        if stage.below is None:
            continue
        unsure = np.flatnonzero(decided.confidence < stage.below)
        if len(unsure):
            closer = seen.only(unsure.tolist())
            again = _by(closer, stage)
            decided.ranked[unsure] = again.ranked
            decided.probabilities[unsure] = again.probabilities
            decided.confidence[unsure] = again.confidence
            decided.familiar[unsure] = again.familiar
            decided = replace(decided, closer=(*decided.closer, (unsure, closer)))
    return decided


def _by(seen: Seen, stage: Stage) -> Decided:
    logits = seen.logits(sorted(stage.shares))
    # Rounded, so that a tie is one in every batch, and goes to the class that comes first.
    probabilities = np.round(stage.probabilities(logits), 6)
    ranked = np.argsort(-probabilities, axis=1, kind="stable")
    first = np.take_along_axis(probabilities, ranked[:, :1], axis=1)[:, 0]
    familiar = stage.familiarity.of(logits, seen.rows(stage.familiarity.views)) >= stage.familiarity.threshold
    return Decided(ranked, probabilities, stage.confidence(first), familiar)
