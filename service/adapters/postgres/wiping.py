"""A person, its contributions, members and alerts rewritten already -> every other row that names it or quotes it.

Rows go in the order in which every writer locks: what is looked for under names that a lock of the transaction covers.
"""

from collections.abc import Collection, Mapping, Sequence

import orjson

from service.adapters.postgres.corrections import keep_corrections, read_correction
from service.adapters.postgres.deliveries import wipe_deliveries
from service.adapters.postgres.documents import NOTICES, write_json
from service.adapters.postgres.packed import pack, pairs
from service.adapters.postgres.session import Session
from service.core.contracts.digest import Digest
from service.core.erase import (
    Person,
    cleaned,
    erased_correction,
    erased_digest,
    erased_message,
    erased_notice,
    number_of,
)
from service.core.link.keys import customer_key
from service.core.records.facts import FeedbackRow

_NOBODY = "anonymous:"

# Forget ids.
_IDENTITIES = """
DELETE FROM event_identity i USING unnest($1::text[], $2::text[]) AS gone (source, id)
WHERE i.source = gone.source AND i.id = gone.id
"""

# Let nothing wait that is the person's, or for what is said of it.
_WAITS = """
DELETE FROM link_wait
WHERE key = ANY ($3::text[]) OR (source, subject) IN (SELECT * FROM unnest($1::text[], $2::text[]))
"""

# Forget into which tickets the person's were merged.
_MERGES = "DELETE FROM merged_ticket WHERE event_id = ANY ($1::text[])"

# Empty what an engine handed on of the person's instances.
_STEPS = "UPDATE process_step SET attributes = '{}' WHERE instance_id = ANY ($1::text[]) AND attributes::text <> '{}'"

# Forget evidence of who the person is, from either side, by a probe for each type of reference.
_EVIDENCE = """
WITH RECURSIVE types AS (
  (SELECT type FROM identity_evidence ORDER BY type LIMIT 1)
  UNION ALL
  SELECT (SELECT e.type FROM identity_evidence e WHERE e.type > types.type ORDER BY e.type LIMIT 1) FROM types
  WHERE types.type IS NOT NULL
), pairs AS (
  SELECT e.type, e.ref, e.other_type, e.other FROM types JOIN identity_evidence e ON e.type = types.type
  WHERE e.ref = ANY ($1::text[])
), gone AS (
  DELETE FROM identity_evidence e USING pairs p
  WHERE (e.type, e.ref, e.other_type, e.other) IN (
    (p.type, p.ref, p.other_type, p.other), (p.other_type, p.other, p.type, p.ref))
  RETURNING 1
)
SELECT count(*) AS times FROM gone
"""
_SPLITS = "DELETE FROM identity_split WHERE ref = ANY ($1::text[]) OR other = ANY ($1::text[])"

# Read what people said of subjects that the person's feedback is about, and write it anew without the person.
_CORRECTIONS = """
SELECT c.* FROM correction c JOIN unnest($1::text[], $2::text[]) AS named (source, subject)
  ON c.source = named.source AND c.subject = named.subject
WHERE c.customer = ANY ($3::text[]) OR (c.source, c.subject) IN (SELECT * FROM unnest($4::text[], $5::text[]))
"""
_DROP_CORRECTIONS = """
DELETE FROM correction c USING unnest($1::text[], $2::text[], $3::text[], $4::integer[])
  AS gone (source, subject, part, number)
WHERE (c.source, c.subject, c.part, c.number) = (gone.source, gone.subject, gone.part, gone.number)
"""

# Forget subjects, and whom they stood for.
_SUBJECTS = """
DELETE FROM subject s USING unnest($1::text[], $2::text[]) AS gone (source, subject)
WHERE s.source = gone.source AND s.subject = gone.subject
"""
_NOBODIES = "DELETE FROM customer WHERE customer = ANY ($1::text[])"
_UNLOGGED = """
DELETE FROM unlogged u USING unnest($1::text[], $2::text[]) AS gone (source, subject)
WHERE u.source = gone.source AND u.subject = gone.subject
"""
_FORMER = """
DELETE FROM former_customer f USING unnest($1::text[], $2::text[]) AS gone (source, subject)
WHERE f.source = gone.source AND f.subject = gone.subject
  AND (f.customer = ANY ($3::text[]) OR (f.source, f.subject) IN (SELECT * FROM unnest($4::text[], $5::text[])))
"""

# Give what counts in alerts that name the person their new keys.
_MEMBERS = """
UPDATE member m SET alert_key = new.alert_key FROM unnest($1::text[], $2::text[]) AS new (alert_id, alert_key)
WHERE m.alert_id = new.alert_id
"""

# Write log rows anew.
_LOG = """
UPDATE feedback f SET event_id = new.name, document = new.document::json, explanation = new.explanation::json,
  subject = new.document::json ->> 'subject'
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[])
  AS new (source, event_id, received_at, name, document, explanation)
WHERE f.source = new.source AND f.event_id = new.event_id AND f.received_at = new.received_at
"""

# Read notices that quote events, and all of alerts that name the person.
_NOTICES = """
SELECT alert_id, revision, doc::text AS doc FROM notice
WHERE ((doc #> '{alert,excerpts}')::jsonb) @> ANY ($1::jsonb[])
UNION SELECT alert_id, revision, doc::text FROM notice WHERE alert_id = ANY ($2::text[])
"""
_SAVE_NOTICES = """
UPDATE notice n SET doc = new.doc::json
FROM unnest($1::text[], $2::integer[], $3::text[]) AS new (alert_id, revision, doc)
WHERE n.alert_id = new.alert_id AND n.revision = new.revision
"""

# Read and write digests.
_DIGESTS = "SELECT digest_id, document FROM digest WHERE digest_id = ANY ($1::text[])"
_SAVE_DIGESTS = """
UPDATE digest d SET document = new.document::json FROM unnest($1::text[], $2::text[]) AS new (digest_id, document)
WHERE d.digest_id = new.digest_id
"""

# Empty what was refused and may name the person.
_LETTERS = """
UPDATE dead_letter SET key = NULL, payload = NULL, sha256 = '', named = '{}' WHERE named && $1::bigint[]
RETURNING topic || ':' || partition || ':' || "offset" || ':' || item AS name
"""

# Read and write stored answers that tell of alerts, and silences that name the person.
_ANSWERS = """
SELECT key, body FROM answer
WHERE body IS NOT NULL AND EXISTS (SELECT FROM unnest($1::text[]) AS named (alert_id) WHERE strpos(body, alert_id) > 0)
"""
_SAVE_ANSWER = "UPDATE answer SET body = $2 WHERE key = $1"
_SILENCES = """
SELECT silence_id, doc FROM silence
WHERE EXISTS (SELECT FROM unnest($1::text[]) AS named (name) WHERE strpos(doc::text, name) > 0) FOR UPDATE
"""
_SAVE_SILENCE = "UPDATE silence SET doc = $2::json WHERE silence_id = $1"
_SILENCES_CHANGED = "UPDATE silences SET version = version + 1"

# Empty what people wrote on alerts that tell of the person: in free text it can not be told whom it names.
_ACTS = """
WITH emptied AS (
  UPDATE alert_act SET text = NULL WHERE alert_id = ANY ($1::text[]) AND text IS NOT NULL RETURNING 1
)
SELECT count(*) AS times FROM emptied
"""

# Read and write what waits to be sent.
_OUTBOX = """
SELECT id, topic, keys, values, packed FROM outbox
WHERE owner = ANY ($1::text[]) OR keys && $2::bytea[] OR ($3 AND topic = 'feedback.deadletter') FOR UPDATE
"""
_SAVE_OUTBOX = "UPDATE outbox SET keys = $2, packed = $3, values = NULL WHERE id = $1"


async def wipe(session: Session, person: Person) -> Mapping[str, int]:
    """Erase it all; return how many rows of each kind were changed."""
    told, refs = person.told, sorted(person.told.refs)
    sources, events = _columns(person.events)
    subjects, whole = _columns(person.subjects), _columns(person.whole)
    await session.execute(_IDENTITIES, sources, events)
    evidence = await session.fetch(_EVIDENCE, refs)
    await session.execute(_SPLITS, refs)
    await session.execute(_WAITS, *subjects, [customer_key(ref) for ref in refs])
    await session.execute(_MERGES, events)
    await session.execute(_STEPS, person.instances)
    await session.execute(_SUBJECTS, *whole)
    await session.execute(_NOBODIES, person.nobodies)
    await session.execute(_UNLOGGED, *subjects)
    await session.execute(_FORMER, *subjects, refs, *whole)
    corrections = await _corrections(session, person, [*subjects, refs, *whole])
    await session.write(_MEMBERS, sorted(person.keys.items()))
    notices, owners, digest_ids = await _notices(session, person)
    digests = await _digests(session, person, digest_ids)
    await session.write(_LOG, map(_log_row, person.rows))
    rows = await session.fetch(_LETTERS, [number_of(ref) for ref in refs if not ref.startswith(_NOBODY)])
    letters = {row["name"] for row in rows}
    owners |= set(person.alerts)
    (acts,) = await session.fetch(_ACTS, sorted(owners))
    answers = await _texts(session, _ANSWERS, _SAVE_ANSWER, person, sorted(owners))
    silences = await _texts(session, _SILENCES, _SAVE_SILENCE, person, [*told.refs, *told.subjects])
    if silences:
        await session.execute(_SILENCES_CHANGED)
    return {
        "log": len(person.rows),
        "corrections": corrections,
        "acts": acts["times"],
        # Each pair stands there twice.
        "evidence": evidence[0]["times"] // 2,
        "notices": notices,
        "digests": digests,
        "dead_letters": len(letters),
        "answers": answers,
        "silences": silences,
        "messages": await _outbox(session, person, sorted(owners | digest_ids), letters),
        "deliveries": await wipe_deliveries(session, owners | digest_ids, told),
    }


async def _corrections(session: Session, person: Person, named: Sequence[Sequence[str]]) -> int:
    held = [read_correction(row) for row in await session.fetch(_CORRECTIONS, *named)]
    places = sorted((one.key.source, one.key.subject, one.key.part, one.number) for one in held)
    await session.write(_DROP_CORRECTIONS, places)
    await keep_corrections(session, [erased_correction(one, person.told) for one in held])
    return len(held)


async def _notices(session: Session, person: Person) -> tuple[int, set[str], set[str]]:
    """Return how many were changed, and the alerts and digests that they told of or were told in."""
    quoted = [write_json([{"event_id": one}]) for one in sorted(person.told.events)]
    alerts, digests, changed = set[str](), set[str](), list[tuple[str, int, str]]()
    for row in await session.fetch(_NOTICES, quoted, person.named):
        notice = NOTICES.read(row["doc"])
        person.told.learn(notice.alert)
        alerts.add(notice.alert.alert_id)
        if notice.digest_id is not None:
            digests.add(notice.digest_id)
        again = erased_notice(notice, person.told)
        if again != notice:
            changed.append((row["alert_id"], row["revision"], NOTICES.write(again)))
    await session.write(_SAVE_NOTICES, sorted(changed))
    return len(changed), alerts, digests


async def _digests(session: Session, person: Person, digest_ids: Collection[str]) -> int:
    changed = []
    for row in await session.fetch(_DIGESTS, sorted(digest_ids)):
        record = Digest.model_validate_json(row["document"])
        again = erased_digest(record, person.told)
        if again != record:
            changed.append((row["digest_id"], again.model_dump_json()))
    await session.write(_SAVE_DIGESTS, sorted(changed))
    return len(changed)


async def _texts(session: Session, find: str, save: str, person: Person, names: Sequence[str]) -> int:
    """Clean JSON texts in which one of the names stands."""
    changed = 0
    for name, text in await session.fetch(find, names):
        before = orjson.loads(text)
        again = cleaned(before, person.told)
        if again != before:
            changed += 1
            await session.execute(save, name, write_json(again))
    return changed


async def _outbox(session: Session, person: Person, owners: Sequence[str], letters: Collection[str]) -> int:
    keys = [f"{source}\n{event_id}".encode() for source, event_id in person.events]
    changed = 0
    for row in await session.fetch(_OUTBOX, owners, keys, bool(letters)):
        before = list(pairs(row))
        again = [erased_message(row["topic"], key, value, person.told, letters) for key, value in before]
        if again != before:
            changed += 1
            keys_again, values_again = zip(*again, strict=True)
            await session.execute(_SAVE_OUTBOX, row["id"], keys_again, pack(values_again))
    return changed


def _log_row(pair: tuple[FeedbackRow, FeedbackRow]) -> tuple[object, ...]:
    old, new = pair
    return (
        *(old.source, old.event_id, old.received_at, new.event_id),
        *(write_json(dict(new.document)), write_json(dict(new.explanation))),
    )


def _columns(names: Sequence[tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [one for one, _ in names], [other for _, other in names]
