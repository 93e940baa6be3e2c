"""A place in a list <-> the opaque text that a client hands back to go on from there."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.problems import Kind, Problem

PlaceT = TypeVar("PlaceT")
RowT = TypeVar("RowT")

CursorText = Annotated[
    str,
    StringConstraints(max_length=2_000),
    Field(description="Where to go on: the `next` of the page before. Its form is nobody's business."),
]
Limit = Annotated[int, Field(ge=1, le=200, description="At most so many on one page.")]


class PageQuery(BaseModel):
    """What a list is asked by. An unknown name is refused: misspelt, it would give the first page for ever."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50


class CursorQuery(PageQuery):
    cursor: CursorText | None = None


class Cursor(Generic[PlaceT]):
    """Writes and reads the places of one kind of list."""

    def __init__(self, place: type[PlaceT]) -> None:
        self._decoder = msgspec.json.Decoder(place)

    def next(self, page: Sequence[RowT], limit: int, place: Callable[[RowT], PlaceT]) -> str | None:
        """Return the place of a full page's last row, to go on from; a page that is not full is the last."""
        return self.write(place(page[-1])) if len(page) == limit else None

    def write(self, place: PlaceT) -> str:
        return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")

    def read(self, text: str | None) -> PlaceT | None:
        """Return the place.

        Raises:
            Problem: the text was not written here.
        """
        if text is None:
            return None
        try:
            place = self._decoder.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, msgspec.MsgspecError):
            raise _FORGED from None
        if self.write(place) != text or not _is_sound(msgspec.to_builtins(place, builtin_types=(datetime,)).values()):
            raise _FORGED
        return place


_FORGED = Problem(Kind.UNREADABLE, "the cursor was not written here")


def _is_sound(values: Iterable[object]) -> bool:
    """Tell whether a store can compare with the values: moments have a zone and stay on the calendar in any other."""
    return all(
        MINYEAR < value.year < MAXYEAR and value.tzinfo is not None
        if isinstance(value, datetime)
        else "\0" not in str(value)
        for value in values
    )
