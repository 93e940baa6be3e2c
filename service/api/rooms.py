"""Work that takes room while it lasts -> at most so much of it at once, and a problem for the rest."""

from collections.abc import Iterator
from contextlib import contextmanager

from service.api.problems import Kind, Problem


class Room:
    """Lets in `most` at once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold a place.

        Raises:
            Problem: there is none left.
        """
        if self._taken >= self._most:
            raise Problem(Kind.CROWDED)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
