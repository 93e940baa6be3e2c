"""Batches of partitions that are ready at the same time -> one transaction for all of them.

A batch costs some milliseconds however few records it has, and transactions of one process mostly wait for each other's
alert keys. So who comes while one is under way waits, and is decided with all others that wait. What only one of them
is to blame for is tried again one by one.

Where customers have said much before, a record brings dozens of their contacts with it, of some kilobytes each. So
fewer records are decided at once the more contributions each of the last transaction's held.
"""

import asyncio
from collections import deque
from collections.abc import Sequence

from msgspec import Struct

from service.core.pipeline.rules import Rules
from service.ports import FencedError, OutcomeUnknownError, RefusedError, Store
from service.runtime.batch import Batch, Ran, run_batches
from service.runtime.bell import Bell


class _Asked(Struct, eq=False):
    batch: Batch
    rules: Rules
    ran: "asyncio.Future[Ran]"


class Together:
    """Decides what partitions bring; at most so many `rows` in one transaction, but for a batch that has more alone.

    They are fewer where a transaction would probably hold more than so many `contributions`, for which who makes a
    batch has to see to as well.
    """

    def __init__(self, store: Store, rows: int, contributions: int) -> None:
        self._store = store
        self._rows = rows
        self._contributions = contributions
        self._held_by_each = 1.0
        self._turn = asyncio.Lock()
        self._under_way = self._watched = False
        self._end = Bell()
        self._waiting: deque[_Asked] = deque()

    @property
    def ending(self) -> asyncio.Event | None:
        """What is set when the transaction under way ends; who then asks in the same pass is decided in the next.

        None where none is, or partitions have a transaction each.
        """
        if not (self._rows and self._under_way):
            return None
        self._watched = True
        return self._end.coming

    @property
    def at_once(self) -> int:
        """How many records may be decided at once, by what those of the last transaction brought with them."""
        return max(1, int(self._contributions / self._held_by_each))

    async def run(self, batch: Batch, rules: Rules) -> Ran:
        """Decide a batch, alone or with others.

        Raises:
            FencedError: the lease is another owner's.
            StalePlaybookError, ConflictError, RefusedError, OutOfReachError, OutcomeUnknownError: as the store does.
        """
        mine = _Asked(batch, rules, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        try:
            async with self._turn:
                if self._watched:
                    # Those who watched for the end of the last transaction ask in this pass of the loop.
                    self._watched = False
                    await asyncio.sleep(0)
                # Turns are given in the order of asking, so that whoever has one and still waits is the first to wait.
                if mine in self._waiting:
                    self._under_way = True
                    try:
                        await self._decide(self._taken())
                    finally:
                        self._under_way = False
                        self._end.ring()
        finally:
            if mine in self._waiting:
                self._waiting.remove(mine)
        if not mine.ran.done():
            # Who decided for it was cancelled. Whether the transaction was committed, its own lease says.
            raise OutcomeUnknownError("the transaction was given up")
        return mine.ran.result()

    def _taken(self) -> list[_Asked]:
        taken = [self._waiting.popleft()]
        rows, most = len(taken[0].batch.records), min(self._rows, self.at_once)
        while self._waiting and self._waiting[0].rules is taken[0].rules:
            rows += len(self._waiting[0].batch.records)
            if rows > most:
                break
            taken.append(self._waiting.popleft())
        return taken

    async def _decide(self, asked: Sequence[_Asked]) -> None:
        try:
            ran = await run_batches(self._store, [one.batch for one in asked], asked[0].rules)
        except (FencedError, RefusedError) as failed:
            if len(asked) == 1:
                asked[0].ran.set_exception(failed)
                return
            for one in asked:
                await self._decide([one])
        except Exception as failed:  # noqa: BLE001 - each of them is told, and what is no error of a port ends the process there.
            for one in asked:
                one.ran.set_exception(failed)
        else:
            if rows := sum(len(one.batch.records) for one in asked):
                self._held_by_each = max(1.0, ran[0].contributions / rows)
            for one, each in zip(asked, ran, strict=True):
                one.ran.set_result(each)
