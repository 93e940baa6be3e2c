"""Requests to erase -> persons erased, a slice at a time: each slice is one transaction that leaves nothing half done.

What a person says while it is being erased is erased with it: the last slice holds the locks that every writer of its
rows needs, and finds nothing more. Whoever is killed leaves the request open, and the next ticker goes on.
"""

import secrets
from datetime import UTC, datetime

from msgspec.structs import replace

from service.core import publish
from service.core.erase import Names, erase, events_of, keys_of, names_in, told_of
from service.core.link.keys import customer_key, instance_key
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.core.records.erasing import Erasure
from service.core.records.facts import Facts
from service.core.records.needs import Needs
from service.ports import Outgoing, Saving, Store, Transaction

# So few subjects that nobody who hears of one of them at the moment waits for long.
MOST_SUBJECTS = 200
_TOKEN_BYTES = 32
_AT = datetime(2000, 1, 1, tzinfo=UTC)


async def erase_some(
    store: Store, rules: Rules, key: PseudonymKey, now: datetime, limit: int = MOST_SUBJECTS
) -> Erasure | None:
    """Do one slice of the oldest open request; return how it stands, None where there was none.

    Raises:
        ConflictError: it was rolled back for another's sake.
        OutcomeUnknownError: the reply of the commit was lost.
        OutOfReachError: the store does not answer.
    """
    async with store.transaction() as transaction:
        erasure = await transaction.claim_erasure(secrets.token_hex(_TOKEN_BYTES))
        if erasure is None or erasure.token is None:
            return None
        erasure = await _with_joined(transaction, erasure, rules)
        refs, names = frozenset(erasure.refs), Names(secret=str(erasure.token))
        found = await transaction.named(erasure.refs, limit)
        subjects, instances = found
        facts = await transaction.load(
            Needs(
                link_keys=tuple(sorted({*map(customer_key, refs), *map(instance_key, instances)})),
                instances=tuple(instances),
                subjects=tuple(subjects),
                # Their rows are locked; that nothing began at that time makes no difference.
                customers=dict.fromkeys(sorted(refs), frozenset({_AT})),
            )
        )
        facts.meet(names.customer(ref) for ref in refs)
        rows = await transaction.load_log(subjects)
        unlogged = await transaction.load_unlogged(subjects)
        events = events_of(facts, subjects, rows, unlogged, refs)
        told = told_of(names, refs, subjects, events)
        facts.meet(told.refs.values())
        await transaction.load_telling(facts, sorted(told.events), sorted(set(names_in(rows))), keys_of(refs))
        person = erase(facts, told, subjects, rows, events, refs, key, erasure.asked_at)
        last = (
            len(subjects) < limit and len(instances) < limit and await transaction.named(erasure.refs, limit) == found
        )
        contents = {"subjects": len(person.whole), "contributions": len(person.parts), "instances": len(instances)}
        contents |= {"alerts": len(facts.alerts.written)}
        await transaction.save(Saving(facts=facts, digest=rules.digest, now=now))
        erasure = _further(erasure, {**contents, **await transaction.wipe(person)}, now if last else None)
        if last:
            receipt = Outgoing(owner="", topic=publish.RECEIPTS_TOPIC, values=(publish.receipt_record(erasure),))
            await transaction.save(Saving(facts=Facts(), digest=rules.digest, now=now, outgoing=(receipt,)))
        kept = replace(erasure, refs=(), token=None) if last else erasure
        await transaction.keep_erasure(kept, sorted(refs) if last else ())
    return kept


async def _with_joined(transaction: Transaction, erasure: Erasure, rules: Rules) -> Erasure:
    """Find out, before the first slice, whose other references are the person's as well."""
    if rules.identity is None or erasure.counts:
        return erasure
    kin = await transaction.kin(erasure.refs, rules.identity)
    refs = tuple(sorted(kin)) if erasure.include_joined else erasure.refs
    return replace(erasure, refs=refs, joined=len(kin - set(erasure.refs)))


def _further(erasure: Erasure, counts: dict[str, int], done_at: datetime | None) -> Erasure:
    names = sorted({*erasure.counts, *counts})
    summed = {name: erasure.counts.get(name, 0) + counts.get(name, 0) for name in names}
    return replace(erasure, counts=summed, done_at=done_at)
