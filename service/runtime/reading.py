"""Messages of one partition -> what each says, kept together by message, so that a batch ends between two of them."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from service.core.pipeline.read import ReadRecord, read
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message, Reading, Rejected
from service.core.records.words import Stage

# How many bytes are read before the loop may do something else, such as sending a heartbeat: 50 messages or so.
_AT_A_TIME = 50_000
REFUSED = "refused_by_store"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """One message with all that it held; `latest` is the greatest event time in it, None where nothing was readable."""

    message: Message
    records: tuple[ReadRecord, ...]
    latest: datetime | None


async def read_all(messages: Iterable[Message], rules: Rules, key: PseudonymKey) -> list[ReadMessage]:
    """Read messages in order."""
    found: list[ReadMessage] = []
    size = 0
    for message in messages:
        records = read(message, rules, key)
        times = [one.read.occurred_at for one in records if isinstance(one.read, Reading)]
        found.append(ReadMessage(message=message, records=records, latest=max(times, default=None)))
        size += len(message.value or b"")
        if size > _AT_A_TIME:
            size = 0
            await asyncio.sleep(0)
    return found


def refused(one: ReadMessage) -> ReadMessage:
    """Return a message whose records are all rejected because the store can not hold one of them."""
    no = Rejected(stage=Stage.SAVE, reason=REFUSED)
    return replace(one, records=tuple(replace(record, read=no) for record in one.records), latest=None)


def records_of(messages: Sequence[ReadMessage]) -> tuple[ReadRecord, ...]:
    return tuple(record for one in messages for record in one.records)
