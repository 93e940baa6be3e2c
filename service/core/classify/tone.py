"""Rows of views -> how bad a text is, or how it feels, as people who labelled texts would say.

A head over the levels that they used knows what a line cannot, such as that few texts are in between; a line keeps the
order among texts of one level; a kernel knows what is near to what. Together they are better than any of them
(deploy/docs/severity.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from service.core.classify.heads import Doubles, Floats, log_softmax
from service.core.classify.kernel import Kernel
from service.core.classify.terms import Rows

# What the line counts beside the head, and the kernel, where there is one, beside both.
_LINE, _KERNEL = 0.3, 0.5
# Within which a sentiment lies whose leading side is negative, neutral, positive: any usual limit tells them apart.
_BANDS = np.array([(-1.0, -0.5), (-0.05, 0.05), (0.5, 1.0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """`weights` by view, (columns, levels + 1) each, and `bias`: logits of the rising `levels`, and last the line.

    Both are of `places`, one a level and rising as well: where a level stands in the order of all texts. What lies
    between two places lies between their levels.

    What is `slow` hears the texts alone that a slow stage was asked about.

    `offsets`, of a tone with three sides, are added to the logarithms of their chances to find the one that leads.
    """

    weights: Mapping[str, Floats] = field(repr=False)
    bias: Floats = field(repr=False)
    levels: tuple[float, ...]
    places: tuple[float, ...]
    offsets: tuple[float, ...] = ()
    kernel: Kernel | None = None
    slow: bool = False

    @property
    def views(self) -> frozenset[str]:
        return frozenset(self.weights).union(self.kernel.centres if self.kernel else ())

    def values(self, rows: Mapping[str, Rows]) -> Doubles:
        """Return (texts) from the lowest level to the highest, rounded to four digits."""
        said, line = self._said(rows)
        place = (1 - _LINE) * (np.exp(said) * np.array(self.places)).sum(axis=1) + _LINE * line
        if self.kernel is not None:
            place = (1 - _KERNEL) * place + _KERNEL * self.kernel.values(rows)
        values: Doubles = np.interp(place, self.places, self.levels)
        if self.offsets:
            low, high = _BANDS[(said + np.array(self.offsets)).argmax(axis=1)].T
            values = np.clip(values, low, high)
        return np.round(values, 4)

    def signs(self, rows: Mapping[str, Rows]) -> Rows:
        """Return what another tone can learn from: the probability of each level, and the line."""
        said, line = self._said(rows)
        return csr_array(np.column_stack([np.exp(said), line]).astype(np.float32))

    def _said(self, rows: Mapping[str, Rows]) -> tuple[Doubles, Doubles]:
        total: Doubles = np.zeros((next(iter(rows.values())).shape[0], len(self.bias)))
        for view in sorted(self.weights):
            total += rows[view] @ self.weights[view]
        total += self.bias
        return log_softmax(total[:, :-1]), total[:, -1]
