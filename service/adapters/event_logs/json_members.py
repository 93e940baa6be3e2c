"""Bytes of a JSON object -> the members of one list in it, one at a time, as JSON has them.

The other members are read past. What is held is one member of a list, which may have four megabytes; a value that is no
list is held as a whole.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn

from service.adapters.event_logs.faults import BrokenLogError

_CHUNK = 1 << 16
LONGEST_VALUE = 1 << 22
_BLANKS = re.compile(r"[ \t\r\n]*")


def members(stream: BinaryIO, file: str, wanted: str) -> Iterator[tuple[int, Any]]:
    """Yield the members of the list under a name, which count from 1; an object without it has none.

    Raises:
        BrokenLogError: it is no JSON object, the name stands for no list, or a value is too long.
    """
    text = _Text(stream, file)
    text.take("{")
    more = not text.takes("}")
    while more:
        name = text.value("a member")
        text.take(":")
        if text.takes("["):
            place = name if isinstance(name, str) else "a member"
            for number, value in _listed(text, place):
                if name == wanted:
                    yield number, value
        elif name == wanted:
            text.broken(f"{wanted} is no list; is it OCEL 2.0?")
        else:
            text.value("a member")
        more = text.takes(",")
        if not more:
            text.take("}")


def _listed(text: "_Text", name: str) -> Iterator[tuple[int, Any]]:
    number = 0
    more = not text.takes("]")
    while more:
        number += 1
        yield number, text.value(f"{name} {number}")
        more = text.takes(",")
        if not more:
            text.take("]")


class _Text:
    """The text that was read and not yet used, and how far it reaches."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self._file = stream, file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(parse_constant=_no_number)
        self._text, self._at, self._place = "", 0, "start"
        self._is_over = False

    def broken(self, message: str) -> NoReturn:
        raise BrokenLogError(self._file, self._place, message)

    def takes(self, mark: str) -> bool:
        """Say whether a mark comes next, blanks aside, and step over it."""
        self._skip()
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) if found else 0
        return found

    def take(self, mark: str) -> None:
        if not self.takes(mark):
            self.broken(f"the file is cut off before {mark!r}" if self._is_spent() else f"{mark!r} is wanted after it")

    def value(self, place: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Read a whole value; one that ends where the text does may go on, so more is read first."""
        self._skip()
        self._place = place
        while True:
            try:
                value, end = self._json.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if self._is_over or isinstance(error, RecursionError):
                    raise BrokenLogError(self._file, place, "is no JSON, or is cut off; mend the file") from error
            else:
                if end < len(self._text) or self._is_over:
                    self._at = end
                    return value
            if len(self._text) - self._at > LONGEST_VALUE:
                self.broken("is no JSON, or longer than four megabytes; mend or split it")
            # Twice as much each time, so that a long value is tried a few times only.
            self._read(max(_CHUNK, len(self._text) - self._at))

    def _skip(self) -> None:
        while True:
            found = _BLANKS.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._is_over:
                return
            self._read(_CHUNK)

    def _is_spent(self) -> bool:
        return self._is_over and self._at >= len(self._text)

    def _read(self, size: int) -> None:
        chunk = self._stream.read(size)
        try:
            more = self._decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise BrokenLogError(self._file, self._place, "is not UTF-8 after it; mend the file") from error
        self._is_over = not chunk
        self._text, self._at = self._text[self._at :] + more, 0


def _no_number(name: str) -> NoReturn:
    message = f"{name} is no number"
    raise ValueError(message)
