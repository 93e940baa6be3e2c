"""What is asked, looked at through views and heads: each is computed once, and only when something asks for it."""

from collections.abc import Collection, Mapping, Sequence

from service.core.classify.heads import Doubles, Head
from service.core.classify.near import NearHead
from service.core.classify.terms import Rows
from service.core.classify.views import View
from service.core.records.heard import Asked


class Seen:
    """One batch as a model sees it."""

    def __init__(self, asked: Sequence[Asked], views: Mapping[str, View], heads: Mapping[str, Head | NearHead]) -> None:
        self.asked = asked
        self._views = views
        self._heads = heads
        self._rows: dict[str, Rows] = {}
        self._logits: dict[str, Doubles] = {}

    def has(self, views: Collection[str]) -> bool:
        """Say whether these views are all there."""
        return all(view in self._views or view in self._rows for view in views)

    def add(self, view: str, rows: Rows) -> None:
        """Add what was made of other rows as a view of its own."""
        self._rows[view] = rows

    def can(self, heads: Collection[str]) -> bool:
        """Say whether these heads have all their views."""
        return all(self.has(self._heads[head].views) for head in heads)

    def rows(self, views: Collection[str]) -> Mapping[str, Rows]:
        for view in views:
            if view not in self._rows:
                self._rows[view] = self._views[view].rows(self.asked)
        return self._rows

    def logits(self, heads: Collection[str]) -> Mapping[str, Doubles]:
        for head in heads:
            if head not in self._logits:
                weighed = self._heads[head]
                self._logits[head] = weighed.logits(self.rows(weighed.views))
        return {head: self._logits[head] for head in heads}

    def only(self, places: Sequence[int]) -> "Seen":
        """Return a part of the batch."""
        return Seen([self.asked[at] for at in places], self._views, self._heads)
