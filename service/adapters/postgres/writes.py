"""Nothing -> the statements that save a transaction; rows come in key order, each key once.

What is new for certain is copied into its table, by these columns: PostgreSQL then looks for no row that might be there
already, and writes rows by the page.
"""

import re


def _beside(statement: str, **others: str) -> str:
    """Put statements together that touch other rows: the arguments of each follow those of the one before."""
    parts: list[str] = []
    count = _count(statement)
    for name, other in others.items():
        parts.append(f"{name} AS ({_moved(other, count)})")
        count += _count(other)
    return f"WITH {', '.join(parts)} {statement}"


def _moved(statement: str, by: int) -> str:
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + by}", statement)


def _count(statement: str) -> int:
    return max(map(int, re.findall(r"\$(\d+)", statement)))


CONTRIBUTION_COLUMNS = (
    *("source", "subject", "part", "customer", "began_at", "process", "category", "region", "negative", "critical"),
    *("surveyed", "points", "unresolved", "done_at", "reopened", "contact", "by_staff", "tagged", "instance_id", "doc"),
)
MEMBER_COLUMNS = (
    *("source", "subject", "part", "alert_id", "alert_key", "copy", "event_id", "customer", "instance_id", "severity"),
    *("score", "done", "team"),
)
FEEDBACK_COLUMNS = (
    *("source", "event_id", "received_at", "occurred_at", "revision", "version", "subject", "digest", "document"),
    "explanation",
)
WAIT_COLUMNS = ("key", "source", "subject", "part", "until")

# Take contributions out.
DELETE_CONTRIBUTIONS = """
DELETE FROM contribution c USING unnest($1::text[], $2::text[], $3::text[]) AS gone (source, subject, part)
WHERE c.source = gone.source AND c.subject = gone.subject AND c.part = gone.part
"""

# Take memberships out. Joining the empty text keeps the index of alerts out: it would read all members of each.
DELETE_MEMBERS = """
DELETE FROM member m
USING unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS gone (source, subject, part, alert_id)
WHERE m.source = gone.source AND m.subject = gone.subject AND m.part = gone.part AND m.alert_id || '' = gone.alert_id
"""

# Say which revision holds for a subject.
SUBJECTS = """
INSERT INTO subject (source, subject, revision, occurred_at, event_id, began_at, withdrawn)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::timestamptz[],
  $7::boolean[])
ON CONFLICT (source, subject) DO UPDATE SET revision = excluded.revision, occurred_at = excluded.occurred_at,
  event_id = excluded.event_id, began_at = excluded.began_at, withdrawn = excluded.withdrawn
"""

# Put contributions in, or change them.
CONTRIBUTIONS = """
INSERT INTO contribution (source, subject, part, customer, began_at, process, category, region, negative, critical,
  surveyed, points, unresolved, done_at, reopened, contact, by_staff, tagged, instance_id, doc)
SELECT source, subject, part, customer, began_at, process, category, region, negative, critical, surveyed, points,
  unresolved, done_at, reopened, contact, by_staff, tagged, instance_id, doc::json
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[], $8::text[],
  $9::boolean[], $10::boolean[], $11::boolean[], $12::smallint[], $13::boolean[], $14::timestamptz[], $15::boolean[],
  $16::boolean[], $17::boolean[], $18::boolean[], $19::text[], $20::text[])
  AS new (source, subject, part, customer, began_at, process, category, region, negative, critical, surveyed, points,
  unresolved, done_at, reopened, contact, by_staff, tagged, instance_id, doc)
ON CONFLICT (source, subject, part) DO UPDATE SET customer = excluded.customer, began_at = excluded.began_at,
  process = excluded.process, category = excluded.category, region = excluded.region, negative = excluded.negative,
  critical = excluded.critical, surveyed = excluded.surveyed, points = excluded.points,
  unresolved = excluded.unresolved, done_at = excluded.done_at, reopened = excluded.reopened,
  contact = excluded.contact, by_staff = excluded.by_staff, tagged = excluded.tagged,
  instance_id = excluded.instance_id, doc = excluded.doc
"""

# Put process instances in. Who never was said to have begun always had; who has not ended never will have.
INSTANCES = """
INSERT INTO process_instance (instance_id, process, customer, updated_at, region, completed_on, late_at, started_at,
  completed_at, began_at, over_at, aged_at, doc)
SELECT instance_id, process, customer, updated_at, region, (completed_at AT TIME ZONE 'UTC')::date, late_at, started_at,
  completed_at, coalesce(started_at, '-infinity'), coalesce(over_at, 'infinity'), coalesce(over_at, updated_at),
  doc::json
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::timestamptz[], $7::timestamptz[],
  $8::timestamptz[], $9::timestamptz[], $10::text[])
  AS new (instance_id, process, customer, updated_at, region, completed_at, late_at, started_at, over_at, doc)
ON CONFLICT (instance_id) DO UPDATE SET process = excluded.process, customer = excluded.customer,
  updated_at = excluded.updated_at, region = excluded.region, completed_on = excluded.completed_on,
  late_at = excluded.late_at, started_at = excluded.started_at, completed_at = excluded.completed_at,
  began_at = excluded.began_at, over_at = excluded.over_at, aged_at = excluded.aged_at, doc = excluded.doc
"""

# Say into which tickets others were merged.
MERGES = """
INSERT INTO merged_ticket (ticket, into_ticket, at, event_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[])
ON CONFLICT (ticket) DO UPDATE SET into_ticket = excluded.into_ticket, at = excluded.at, event_id = excluded.event_id
"""

# Put downtimes in, each as its latest event has it: batches of other partitions may have told of the same one.
DOWNTIMES = """
INSERT INTO downtime AS held (source, downtime_id, process, region, started_at, ended_at, planned, occurred_at,
  event_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
  $7::boolean[], $8::timestamptz[], $9::text[])
ON CONFLICT (source, downtime_id) DO UPDATE SET process = excluded.process, region = excluded.region,
  started_at = excluded.started_at, ended_at = excluded.ended_at, planned = excluded.planned,
  occurred_at = excluded.occurred_at, event_id = excluded.event_id
WHERE (held.occurred_at, held.event_id) < (excluded.occurred_at, excluded.event_id)
"""

# Put steps in, each as it was told last: batches of other partitions may have told of the same one.
STEPS = """
INSERT INTO process_step AS held (instance_id, source, name, process, event_id, at, told_at, activity, lifecycle, team,
  withdrawn, attributes)
SELECT instance_id, source, name, process, event_id, at, told_at, activity, lifecycle, team, withdrawn, attributes::json
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
  $8::text[], $9::text[], $10::text[], $11::boolean[], $12::text[])
  AS new (instance_id, source, name, process, event_id, at, told_at, activity, lifecycle, team, withdrawn, attributes)
ON CONFLICT (instance_id, source, name) DO UPDATE SET process = excluded.process, event_id = excluded.event_id,
  at = excluded.at, told_at = excluded.told_at, activity = excluded.activity, lifecycle = excluded.lifecycle,
  team = excluded.team, withdrawn = excluded.withdrawn, attributes = excluded.attributes
WHERE (held.told_at, held.event_id) < (excluded.told_at, excluded.event_id)
"""

# Register instances under correlation keys.
INSTANCE_KEYS = """
INSERT INTO instance_key (key, instance_id) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING
"""

# Put memberships in.
MEMBERS = """
INSERT INTO member (source, subject, part, alert_id, alert_key, copy, event_id, customer, instance_id, severity, score,
  done, team)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::float8[], $12::boolean[], $13::text[])
ON CONFLICT (source, subject, part, alert_id) DO UPDATE SET alert_key = excluded.alert_key, copy = excluded.copy,
  event_id = excluded.event_id, customer = excluded.customer, instance_id = excluded.instance_id,
  severity = excluded.severity, score = excluded.score, done = excluded.done, team = excluded.team
"""

# Say which alert is the latest of its gate, or to which key that was moved.
GATES = """
INSERT INTO alert_key (alert_key, alert_id, episodes, forward)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[])
ON CONFLICT (alert_key) DO UPDATE SET alert_id = excluded.alert_id, episodes = excluded.episodes,
  forward = excluded.forward
"""

# Put alerts in. Those that were resolved come first, so that their key is free for the one that opens after them.
ALERTS = """
INSERT INTO alert (alert_id, alert_key, episode, kind, level, state, team, route, severity, process, category, region,
  rank, events, customers, revision, opened_at, first_seen, last_seen, resolved_at, due_at, acked_until, acted_at,
  on_agenda, held_by, disposition, handled, untold, doc)
SELECT alert_id, alert_key, episode, kind, level, state, team, route, severity, process, category, region,
  rank, events, customers, revision, opened_at, first_seen, last_seen, resolved_at, due_at, acked_until, acted_at,
  on_agenda, held_by, disposition, handled, untold, doc::json
FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::text[], $10::text[], $11::text[], $12::text[], $13::smallint[], $14::integer[], $15::integer[], $16::integer[],
  $17::timestamptz[], $18::timestamptz[], $19::timestamptz[], $20::timestamptz[], $21::timestamptz[],
  $22::timestamptz[], $23::timestamptz[], $24::boolean[], $25::text[], $26::text[], $27::boolean[], $28::boolean[],
  $29::text[])
  AS new (alert_id, alert_key, episode, kind, level, state, team, route, severity, process, category, region,
  rank, events, customers, revision, opened_at, first_seen, last_seen, resolved_at, due_at, acked_until, acted_at,
  on_agenda, held_by, disposition, handled, untold, doc)
ON CONFLICT (alert_id) DO UPDATE SET alert_key = excluded.alert_key, level = excluded.level, state = excluded.state,
  team = excluded.team, route = excluded.route, severity = excluded.severity, process = excluded.process,
  category = excluded.category, region = excluded.region, rank = excluded.rank, events = excluded.events,
  customers = excluded.customers, revision = excluded.revision, opened_at = excluded.opened_at,
  first_seen = excluded.first_seen, last_seen = excluded.last_seen, resolved_at = excluded.resolved_at,
  due_at = excluded.due_at, acked_until = excluded.acked_until, acted_at = excluded.acted_at,
  on_agenda = excluded.on_agenda, held_by = excluded.held_by, disposition = excluded.disposition,
  handled = excluded.handled, untold = excluded.untold, doc = excluded.doc
"""

# Say which alerts are the latest of their gates, and put them in.
GATES_AND_ALERTS = _beside(ALERTS, gates=GATES)

# Keep what cells remember.
CELLS = """
INSERT INTO volume_cell (process, category, region, measure, doc)
SELECT process, category, region, measure, doc::json
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) AS new (process, category, region, measure, doc)
ON CONFLICT (process, category, region, measure) DO UPDATE SET doc = excluded.doc
"""

# Keep what the ticks of hours have to know.
TEMPO = "INSERT INTO volume_tempo (id, doc) VALUES (1, $1::json) ON CONFLICT (id) DO UPDATE SET doc = excluded.doc"

# Bring the rows of feedback that was decided anew up to date.
PATCHES = """
UPDATE feedback f
SET version = new.version, document = new.document::json, explanation = new.explanation::json, digest = new.digest
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[], $6::text[], $7::text[])
  AS new (source, event_id, received_at, version, digest, document, explanation)
WHERE f.source = new.source AND f.event_id = new.event_id AND f.received_at = new.received_at
"""

# Append digests.
DIGESTS = """
INSERT INTO digest (digest_id, team, reason, at, document)
SELECT digest_id, team, reason, at, document::json
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[])
  AS new (digest_id, team, reason, at, document)
"""

# Append notices.
NOTICES = """
INSERT INTO notice (alert_id, revision, at, team, reason, severity, doc, digest)
SELECT alert_id, revision, at, team, reason, severity, doc::json, $8
FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[])
  AS new (alert_id, revision, at, team, reason, severity, doc)
"""

# Append what a tick found.
REVIEWS = """
INSERT INTO review (ends_at, process, category, region, measure, alert_id, document, digest)
SELECT ends_at, process, category, region, measure, alert_id, document::json, $8
FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
  AS new (ends_at, process, category, region, measure, alert_id, document)
"""

# Plan ticks that nobody planned before.
TICKS = """
INSERT INTO tick (kind, ends_at, due_at)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[])
ON CONFLICT DO NOTHING
"""

# Mark a tick as run.
RAN_TICK = "UPDATE tick SET ran_at = $3 WHERE kind = $1 AND ends_at = $2"

# Append rejected records.
DEAD_LETTERS = """
INSERT INTO dead_letter (topic, partition, "offset", item, stage, reason, detail, sha256, length, key, payload, at,
  named)
SELECT topic, partition, place, item, stage, reason, detail, sha256, length, key, payload, at,
  ARRAY(SELECT one::bigint FROM json_array_elements_text(named::json) AS one)
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::text[], $6::text[], $7::text[],
  $8::text[], $9::bigint[], $10::bytea[], $11::text[], $12::timestamptz[], $13::text[])
  AS new (topic, partition, place, item, stage, reason, detail, sha256, length, key, payload, at, named)
"""

# Append the books of batches.
BATCHES = """
INSERT INTO batch (cluster, grp, topic, partition, first_offset, next_offset, books, now, digest)
SELECT cluster, grp, topic, partition, first_offset, next_offset, books::json, $8, $9
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[])
  AS new (cluster, grp, topic, partition, first_offset, next_offset, books)
"""

# Append what the relay is to send; ids are drawn row by row, in their order. The keys of all rows come as one array.
OUTBOX = """
INSERT INTO outbox (shard, owner, topic, keys, packed, size, received_at)
SELECT shard, owner, topic, ($9::bytea[])[above + 1:upto], packed, size, received_at
FROM unnest($1::integer[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::bytea[], $7::integer[],
  $8::timestamptz[]) WITH ORDINALITY AS new (shard, owner, topic, above, upto, packed, size, received_at, rank)
ORDER BY rank
"""

# Append what the relay is to send, notices, and the books of batches.
APPENDED = _beside(OUTBOX, notices=NOTICES, batches=BATCHES)

# Keep what an API write was answered.
REMEMBER = "UPDATE answer SET answered_at = now(), request = $2, status = $3, body = $4 WHERE key = $1"

# Forget some answers that are over a day old and that nobody is asking for.
FORGET = """
DELETE FROM answer WHERE key IN (
  SELECT key FROM answer WHERE answered_at < now() - interval '24 hours' LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
