"""What a consumer has handled, so that a message that comes again is not taken for news."""

import sqlite3
from collections import OrderedDict
from pathlib import Path
from typing import Protocol, Self

_MOST = 100_000


class Seen(Protocol):
    """Remembers the highest revision that was handled of each alert; a digest has the revision 1."""

    def is_news(self, about: str, revision: int) -> bool: ...

    def keep(self, about: str, revision: int) -> None: ...


class SeenHere:
    """Remembers until the program ends, and at most the latest hundred thousand."""

    def __init__(self, most: int = _MOST) -> None:
        self._revisions: OrderedDict[str, int] = OrderedDict()
        self._most = most

    def is_news(self, about: str, revision: int) -> bool:
        return revision > self._revisions.get(about, 0)

    def keep(self, about: str, revision: int) -> None:
        self._revisions[about] = max(revision, self._revisions.pop(about, 0))
        if len(self._revisions) > self._most:
            self._revisions.popitem(last=False)


class SeenInFile:
    """Remembers in a SQLite file, of which one program at a time makes use."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path)
        with self._file:
            self._file.execute(
                "CREATE TABLE IF NOT EXISTS seen (about TEXT PRIMARY KEY, revision INTEGER) WITHOUT ROWID"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def is_news(self, about: str, revision: int) -> bool:
        found = self._file.execute("SELECT revision FROM seen WHERE about = ?", (about,)).fetchone()
        return revision > (0 if found is None else int(found[0]))

    def keep(self, about: str, revision: int) -> None:
        with self._file:
            self._file.execute(
                "INSERT INTO seen VALUES (?, ?)"
                " ON CONFLICT (about) DO UPDATE SET revision = max(revision, excluded.revision)",
                (about, revision),
            )
