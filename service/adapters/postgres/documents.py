"""Records <-> JSON text, exactly: what is read back equals what was written.

Times keep their microseconds and are aware. A text that names a field the record does not have is read without it, and
of a contribution what is as it is by default is not written: most of what it could say, nobody said.
"""

from typing import Generic, TypeVar

import msgspec
import orjson

from service.core.records.alerts import Alert, Notice
from service.core.records.decisions import Contribution
from service.core.records.deliveries import ChannelState
from service.core.records.feedback import Instance
from service.core.records.muting import Silence
from service.core.volume import CellState, Tempo
from service.ports import Books

T = TypeVar("T")

_ENCODER = msgspec.json.Encoder()


class Codec(Generic[T]):
    """Writes and reads one kind of record."""

    def __init__(self, record: type[T]) -> None:
        self._decoder = msgspec.json.Decoder(record)

    def write(self, record: T) -> str:
        return _ENCODER.encode(record).decode()

    def read(self, text: str) -> T:
        return self._decoder.decode(text)


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
