"""Messages of one partition -> what each says, kept together by message, so that a batch ends between two of them."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from service.core.pipeline.read import ReadRecord, Taken, answers, asked_of, hear, take, understand
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message, Reading, Rejected
from service.core.records.heard import Asked, Heard
from service.core.records.words import Stage

# How many bytes are read before the loop may do something else, such as sending a heartbeat: 50 messages or so.
_AT_A_TIME = 50_000
REFUSED = "refused_by_store"


class ReadMessage(Struct, frozen=True, kw_only=True):
    """One message with all that it held; `latest` is the greatest event time in it, None where nothing was readable."""

    message: Message
    records: tuple[ReadRecord, ...]
    latest: datetime | None


async def read_all(
    messages: Sequence[Message],
    rules: Rules,
    key: PseudonymKey,
    classified: Callable[[float], None] = lambda _: None,
) -> list[ReadMessage]:
    """Read messages in order; `classified` is told the seconds that the classifier took, if there is one."""
    breath = _Breath()
    taken: list[tuple[Taken, ...]] = []
    for message in messages:
        taken.append(take(message, rules, key))
        if breath.is_due_after(message):
            await asyncio.sleep(0)
    heard = iter(await _heard([one for each in taken for one in each], rules, classified))
    found: list[ReadMessage] = []
    for message, events in zip(messages, taken, strict=True):
        records = tuple(understand(one, next(heard), rules) for one in events)
        times = [one.read.occurred_at for one in records if isinstance(one.read, Reading)]
        found.append(ReadMessage(message=message, records=records, latest=max(times, default=None)))
        if breath.is_due_after(message):
            await asyncio.sleep(0)
    return found


async def _heard(taken: Sequence[Taken], rules: Rules, classified: Callable[[float], None]) -> list[Heard | None]:
    """Ask the classifier beside the loop, which it would hold for a tenth of a second and more."""
    asked = asked_of(taken, rules)
    if not any(isinstance(one, Asked) for one in asked):
        return answers(asked, ())
    started = time.perf_counter()
    heard = await asyncio.to_thread(hear, asked, rules)
    classified(time.perf_counter() - started)
    return answers(asked, heard)


class _Breath:
    """Says after so many bytes that the loop is to be given way to."""

    def __init__(self) -> None:
        self._size = 0

    def is_due_after(self, message: Message) -> bool:
        self._size += len(message.value or b"")
        if self._size <= _AT_A_TIME:
            return False
        self._size = 0
        return True


def refused(one: ReadMessage) -> ReadMessage:
    """Return a message whose records are all rejected because the store can not hold one of them."""
    no = Rejected(stage=Stage.SAVE, reason=REFUSED)
    return replace(one, records=tuple(replace(record, read=no) for record in one.records), latest=None)


def records_of(messages: Sequence[ReadMessage]) -> tuple[ReadRecord, ...]:
    return tuple(record for one in messages for record in one.records)
