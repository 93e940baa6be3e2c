"""Records <-> JSON text, exactly: what is read back equals what was written.

Times keep their microseconds and are aware. A text that names a field the record does not have is read without it.
"""

from typing import Generic, TypeVar

import orjson
from pydantic import TypeAdapter

from service.core.records.alerts import Alert, Notice
from service.core.records.decisions import Contribution
from service.core.records.deliveries import ChannelState
from service.core.records.feedback import Instance
from service.core.records.muting import Silence
from service.core.volume import CellState, Tempo
from service.ports import Books

T = TypeVar("T")


class Codec(Generic[T]):
    """Writes and reads one kind of record."""

    def __init__(self, record: type[T]) -> None:
        self._adapter = TypeAdapter(record)

    def write(self, record: T) -> str:
        return orjson.dumps(record).decode()

    def read(self, text: str) -> T:
        return self._adapter.validate_json(text)


CONTRIBUTIONS = Codec(Contribution)
INSTANCES = Codec(Instance)
ALERTS = Codec(Alert)
NOTICES = Codec(Notice)
CELLS = Codec(CellState)
TEMPOS = Codec(Tempo)
SILENCES = Codec(Silence)
CHANNELS = Codec(ChannelState)


def write_json(value: object) -> str:
    """Write plain JSON values."""
    return orjson.dumps(value).decode()


def write_books(books: Books) -> str:
    """Write the books of a batch; a count by two words is `[first, second, count]`."""
    return write_json(
        {
            "consumed": books.consumed,
            "accepted": books.accepted,
            "duplicate": books.duplicate,
            "superseded": books.superseded,
            "rejected": [[*pair, count] for pair, count in sorted(books.rejected.items())],
            "verdicts": [[*pair, count] for pair, count in sorted(books.verdicts.items())],
            "methods": dict(sorted(books.methods.items())),
            "links": [[*pair, count] for pair, count in sorted(books.links.items())],
            "copies": books.copies,
            "orphans": dict(sorted(books.orphans.items())),
        }
    )
