"""Something was written -> whoever looks for it in the same process looks at once, and not at its next turn.

A ring is a hint: what there is to do, rows alone say.
"""

import asyncio


class Bell:
    """Rung by writers; any number may listen."""

    def __init__(self) -> None:
        self._coming = asyncio.Event()

    @property
    def coming(self) -> asyncio.Event:
        """The next ring: who takes it before it looks misses none."""
        return self._coming

    def ring(self) -> None:
        self._coming.set()
        self._coming = asyncio.Event()
