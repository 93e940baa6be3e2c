"""Rows of views -> how bad a text is, or how it feels, as people who labelled texts would say.

A head over the levels that they used knows what a line cannot, such as that few texts are in between; a line keeps the
order among texts of one level. The mean of both is better than either (deploy/docs/severity.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from service.core.classify.heads import Doubles, Floats, log_softmax
from service.core.classify.terms import Rows

# Within which a sentiment lies whose leading side is negative, neutral, positive: any usual limit tells them apart.
_BANDS = np.array([(-1.0, -0.5), (-0.05, 0.05), (0.5, 1.0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """`weights` by view, (columns, levels + 1) each, and `bias`: logits of the rising `levels`, and last the line.

    Both are of `places`, one a level and rising as well: where a level stands in the order of all texts. What lies
    between two places lies between their levels.

    `offsets`, of a tone with three sides, are added to the logarithms of their chances to find the one that leads.
    """

    weights: Mapping[str, Floats] = field(repr=False)
    bias: Floats = field(repr=False)
    levels: tuple[float, ...]
    places: tuple[float, ...]
    offsets: tuple[float, ...] = ()

    def values(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts) from the lowest level to the highest, rounded to four digits."""
        said, line = self._said(rows)
        place = ((np.exp(said) * np.array(self.places)).sum(axis=1) + line) / 2
        values: Doubles = np.interp(place, self.places, self.levels)
        if self.offsets:
            low, high = _BANDS[(said + np.array(self.offsets)).argmax(axis=1)].T
            values = np.clip(values, low, high)
        return np.round(values, 4)

    def chances(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return the logarithms of the probabilities, (texts, levels)."""
        return self._said(rows)[0]

    def _said(self, rows: Mapping[str, Rows]) -> tuple[Doubles, Doubles]:
        total: Doubles = np.zeros((next(iter(rows.values())).shape[0], len(self.bias)))
        for view in sorted(self.weights):
            total += rows[view] @ self.weights[view]
        total += self.bias
        return log_softmax(total[:, :-1]), total[:, -1]
