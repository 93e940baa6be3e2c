"""Rows as they were loaded -> the same with what one transaction changed, and what that was."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Table(Generic[K, V]):
    """Rows by key that remember which of them were written or removed since they were loaded."""

    def __init__(self, rows: Mapping[K, V] | None = None) -> None:
        self._rows: dict[K, V] = dict(rows or {})
        self._changed: set[K] = set()
        self._before: dict[K, V] = {}

    def load(self, rows: Mapping[K, V]) -> None:
        """Add rows as the store has them; a row that was changed here already stays as it is."""
        for key, row in rows.items():
            if key not in self._changed:
                self._rows[key] = row

    def get(self, key: K) -> V | None:
        return self._rows.get(key)

    def __getitem__(self, key: K) -> V:
        return self._rows[key]

    def __contains__(self, key: K) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[K]:
        return iter(self._rows)

    def values(self) -> Iterable[V]:
        return self._rows.values()

    def put(self, key: K, row: V) -> None:
        self._change(key)
        self._rows[key] = row

    def drop(self, key: K) -> V | None:
        self._change(key)
        return self._rows.pop(key, None)

    def loaded(self, key: K) -> V | None:
        """Return a row as it was loaded, whatever became of it since; None where it is new."""
        return self._before.get(key) if key in self._changed else self._rows.get(key)

    def all_loaded(self) -> Iterator[V]:
        """All rows as they were loaded."""
        yield from (row for key, row in self._rows.items() if key not in self._changed)
        yield from self._before.values()

    def _change(self, key: K) -> None:
        if key not in self._changed:
            self._changed.add(key)
            if key in self._rows:
                self._before[key] = self._rows[key]

    @property
    def changed(self) -> AbstractSet[K]:
        """The keys of rows that were written or removed."""
        return self._changed

    @property
    def written(self) -> dict[K, V]:
        """The rows to upsert."""
        return {key: self._rows[key] for key in self._changed if key in self._rows}

    @property
    def removed(self) -> set[K]:
        """The keys to delete."""
        return {key for key in self._changed if key not in self._rows}
