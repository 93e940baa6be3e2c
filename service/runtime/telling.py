"""What a transaction decided -> its outbox rows and dead letters, in the order in which they must leave."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from msgspec.structs import replace

from service.core import publish
from service.core.contracts.catalogue import INCOMING
from service.core.contracts.dead_letter import DeadLetter as DeadLetterRecord
from service.core.identity import fingerprint
from service.core.pipeline.read import ReadRecord
from service.core.pipeline.refused import kept_payload
from service.core.pipeline.rules import Rules
from service.core.pipeline.summaries import summarise
from service.core.records.facts import Facts
from service.core.records.feedback import Rejected
from service.ports import DeadLetter, Outgoing
from service.runtime.channelling import leave_deliveries

MOST_SHARED = 500
# A key that is longer than any id can only be a mistake, and could make the dead letter too large for the broker.
MOST_KEY = 1_024
# By contract these records have keys that are no customer's; elsewhere a key may be one, and is not kept.
_KEYS_KEPT = frozenset(channel.topic for channel in INCOMING if channel.key in {"ticket", "team", "instance"})


def outgoing(
    facts: Facts,
    letters: Sequence[DeadLetter],
    now: datetime,
    rules: Rules,
    *,
    received_at: datetime | None = None,
) -> tuple[Outgoing, ...]:
    """Write the notices, digests, reviews, classified records and dead letters of one transaction.

    What the channels of teams are to be told is left in `facts`.

    `received_at` is when the broker had the first record of the batch, None where no record caused it.
    """
    digest = rules.digest
    summarise(facts, rules)
    leave_deliveries(facts, now, rules)
    found = [
        Outgoing(
            owner=notice.alert.alert_id,
            topic=publish.queue_topic(notice.team),
            values=((notice.alert.alert_id.encode(), publish.notice_record(notice, digest)),),
        )
        for notice in facts.notices
    ]
    found += [
        Outgoing(
            owner=row.digest_id,
            topic=publish.queue_topic(row.team),
            values=((row.team.encode(), publish.digest_message(row)),),
        )
        for row in facts.digests
    ]
    found += [
        Outgoing(owner=alert_id, topic=publish.REVIEWS_TOPIC, values=((key, value),))
        for alert_id, key, value in publish.review_records(facts.reviews, now, digest)
    ]
    decided = [row for row in facts.rows.values() if _is_decided(row.document)]
    rows = publish.classified_records((*decided, *facts.patches.values()), now, digest)
    found += _shared(publish.CLASSIFIED_TOPIC, rows)
    found += _shared(
        publish.DEAD_LETTER_TOPIC,
        [(letter.key or _place(letter), publish.dead_letter_record(_record(letter), now)) for letter in letters],
    )
    return tuple(replace(one, received_at=received_at) for one in found)


def dead_letters(records: Sequence[ReadRecord], now: datetime, rules: Rules) -> tuple[DeadLetter, ...]:
    """Describe the records that were rejected; a payload is kept, redacted, only where it was JSON."""
    rejected = (record for record in records if isinstance(record.read, Rejected))
    # A payload may hold a thousand records; redacting it for each would keep a batch busy for minutes.
    return tuple(
        letter
        for _, of_one in groupby(rejected, key=lambda record: id(record.message))
        for letter in _letters(tuple(of_one), now, rules)
    )


def _letters(records: Sequence[ReadRecord], now: datetime, rules: Rules) -> Iterator[DeadLetter]:
    message = records[0].message
    value = message.value or b""
    digest, payload = fingerprint(value), kept_payload(value, message.topic, rules)
    for record in records:
        if isinstance(record.read, Rejected):
            yield DeadLetter(
                topic=message.topic,
                partition=message.partition,
                offset=message.offset,
                item=record.item,
                rejected=record.read,
                sha256=digest,
                length=len(value),
                key=message.key[:MOST_KEY] if message.key is not None and message.topic in _KEYS_KEPT else None,
                payload=payload,
                at=now,
                named=record.named,
            )


def _shared(topic: str, values: Sequence[tuple[bytes, bytes]]) -> list[Outgoing]:
    return [
        Outgoing(owner="", topic=topic, values=tuple(values[start : start + MOST_SHARED]))
        for start in range(0, len(values), MOST_SHARED)
    ]


def _is_decided(document: object) -> bool:
    return isinstance(document, dict) and document["verdict"] != "recorded"


def _place(letter: DeadLetter) -> bytes:
    return f"{letter.topic}:{letter.partition}".encode()


def _record(letter: DeadLetter) -> DeadLetterRecord:
    return DeadLetterRecord(
        idempotency_key=f"{letter.topic}:{letter.partition}:{letter.offset}:{letter.item}"[-256:],
        reason=letter.rejected.reason,
        stage=letter.rejected.stage,
        detail=letter.rejected.detail,
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        sha256=letter.sha256,
        length=letter.length,
        payload=letter.payload,
        received_at=letter.at,
    )
