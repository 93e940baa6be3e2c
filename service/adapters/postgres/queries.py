"""Nothing -> the statements of a transaction, each with one text whatever the size of the batch.

Sets travel as arrays. Rows that are only locked are made and locked in one pass in the order given: where a key exists,
ON CONFLICT DO UPDATE locks its row before WHERE false keeps it as it is, and what is returned is what was new.
"""

# Move leases on, in their order, and read the active playbook; no row says that a lease is another's, or stands
# elsewhere.
ADVANCE = """
UPDATE partition_lease held
SET next_offset = moved.next_offset, stream_at = moved.stream_at, at_end = moved.at_end
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::timestamptz[],
  $8::boolean[], $9::bigint[])
  AS moved (cluster, grp, topic, partition, epoch, next_offset, stream_at, at_end, expected)
WHERE held.cluster = moved.cluster AND held.grp = moved.grp AND held.topic = moved.topic
  AND held.partition = moved.partition AND held.epoch = moved.epoch
  AND held.next_offset IS NOT DISTINCT FROM moved.expected
RETURNING held.topic, held.partition, (SELECT digest FROM playbook WHERE active) AS digest
"""

# Read the active playbook.
ACTIVE_PLAYBOOK = "SELECT digest FROM playbook WHERE active"

# Keep those identities that nobody had before.
ADMIT = """
INSERT INTO event_identity (source, id)
SELECT source, id FROM unnest($1::text[], $2::text[]) AS wanted (source, id)
ON CONFLICT DO NOTHING RETURNING source, id
"""

# Lock correlation keys: whoever puts a key in that another transaction has put in waits for its end.
LOCK_KEYS = """
INSERT INTO correlation_key (key) SELECT key FROM unnest($1::text[]) AS wanted (key)
ON CONFLICT (key) DO UPDATE SET key = excluded.key WHERE false
RETURNING ctid
"""

# Take out again what was put in; that holds the lock as well, and the table stays as small as what is being decided.
TAKE_OUT_KEYS = "DELETE FROM correlation_key WHERE ctid = ANY ($1::tid[])"

# Find into which tickets some were merged, one after another.
MERGES = """
WITH RECURSIVE led AS (
  SELECT m.*, 1 AS hops FROM unnest($1::text[]) AS wanted (ticket) JOIN merged_ticket m ON m.ticket = wanted.ticket
  UNION
  SELECT m.*, led.hops + 1 FROM led JOIN merged_ticket m ON m.ticket = led.into_ticket WHERE led.hops < $2
)
SELECT DISTINCT ticket, into_ticket, at, event_id FROM led
"""

# Find which tickets were merged into some, one after another.
MERGED_INTO = """
WITH RECURSIVE led AS (
  SELECT m.*, 1 AS hops FROM unnest($1::text[]) AS wanted (ticket) JOIN merged_ticket m ON m.into_ticket = wanted.ticket
  UNION
  SELECT m.*, led.hops + 1 FROM led JOIN merged_ticket m ON m.into_ticket = led.ticket WHERE led.hops < $2
)
SELECT DISTINCT ticket, into_ticket, at, event_id FROM led
"""

# Load what is known of instances.
KNOWN = """
SELECT i.doc FROM unnest($1::text[]) AS wanted (instance_id) JOIN process_instance i USING (instance_id)
"""

# Load what waits under keys, until the last that was said of it.
WAITS = """
SELECT key, source, subject, part, max(until) AS until FROM unnest($1::text[]) AS wanted (key)
JOIN link_wait USING (key) GROUP BY key, source, subject, part
"""

# Lock subjects, and write those that are new as the batch will most likely leave them. Correlation keys are taken out
# with them, after they were locked.
LOCK_SUBJECTS = """
WITH taken_out AS (DELETE FROM correlation_key WHERE ctid = ANY ($8::tid[]))
INSERT INTO subject (source, subject, revision, occurred_at, event_id, began_at, withdrawn)
SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::timestamptz[],
  $7::boolean[])
ON CONFLICT (source, subject) DO UPDATE SET subject = excluded.subject WHERE false
RETURNING source, subject
"""

# Lock customers.
LOCK_CUSTOMERS = """
INSERT INTO customer (customer) SELECT customer FROM unnest($1::text[]) AS wanted (customer)
ON CONFLICT (customer) DO UPDATE SET customer = excluded.customer WHERE false
RETURNING customer
"""

# Find the keys to which alerts were moved from some, one after another.
FORWARDS = """
WITH RECURSIVE led AS (
  SELECT forward FROM alert_key WHERE alert_key = ANY ($1::text[]) AND forward IS NOT NULL
  UNION
  SELECT g.forward FROM led JOIN alert_key g ON g.alert_key = led.forward WHERE g.forward IS NOT NULL
)
SELECT forward FROM led
"""

# Lock the gates of alert keys.
LOCK_GATES = """
INSERT INTO alert_key (alert_key) SELECT alert_key FROM unnest($1::text[]) AS wanted (alert_key)
ON CONFLICT (alert_key) DO UPDATE SET alert_key = excluded.alert_key WHERE false
RETURNING alert_key
"""

# Load subjects with the contributions that they hold.
SUBJECTS = """
SELECT s.source, s.subject, s.revision, s.occurred_at, s.event_id, s.began_at, s.withdrawn, c.doc
FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
JOIN subject s ON s.source = wanted.source AND s.subject = wanted.subject
LEFT JOIN contribution c ON c.source = s.source AND c.subject = s.subject
"""

# Load gates with the latest alert of each, and the alerts named.
ALERTS = """
SELECT g.alert_key, g.alert_id, g.episodes, g.forward, a.doc FROM unnest($1::text[]) AS wanted (alert_key)
JOIN alert_key g ON g.alert_key = wanted.alert_key
LEFT JOIN alert a ON a.alert_id = g.alert_id
UNION ALL
SELECT NULL, a.alert_id, NULL, NULL, a.doc FROM unnest($2::text[]) AS named (alert_id)
JOIN alert a ON a.alert_id = named.alert_id
"""

# Load the memberships of subjects.
MEMBERS_OF_SUBJECTS = """
SELECT m.* FROM unnest($1::text[], $2::text[]) AS wanted (source, subject)
JOIN member m ON m.source = wanted.source AND m.subject = wanted.subject
"""

# Load all that some alerts hold, and where other loaded ones hold the same.
MEMBERS_OF = """
SELECT held.* FROM member m
JOIN member held ON held.source = m.source AND held.subject = m.subject AND held.part = m.part
WHERE m.alert_id = ANY ($1::text[]) AND held.alert_id || '' = ANY ($2::text[])
"""


# Count the members of alerts that share a customer or an instance.
def _tallies(alerts: str, people: str, cases: str) -> str:
    # Joining the empty text keeps the alerts out of the index condition, where each customer would be sought once for
    # each alert. OFFSET has the index asked for each instance: while members are few, a plan would read all of them.
    return f"""
SELECT m.alert_id, 'customer' AS what, m.customer AS value, count(*) AS members
FROM unnest({people}::text[]) AS wanted (customer) JOIN member m ON m.customer = wanted.customer
WHERE m.alert_id || '' = ANY ({alerts}) GROUP BY m.alert_id, m.customer
UNION ALL
SELECT m.alert_id, 'instance', m.instance_id, count(*)
FROM unnest({cases}::text[]) AS wanted (instance_id)
CROSS JOIN LATERAL (SELECT alert_id, instance_id FROM member WHERE instance_id = wanted.instance_id OFFSET 0) AS m
WHERE m.alert_id || '' = ANY ({alerts}) GROUP BY m.alert_id, m.instance_id
"""  # noqa: S608 - made of constants


TALLIES = _tallies("$1::text[]", "$2", "$3")

# Load gates, alerts, and the tallies of these alerts and of some that were loaded before.
_loaded = "ARRAY(SELECT alert_id FROM found WHERE doc IS NOT NULL UNION SELECT unnest($3::text[]))"
GATED = f"""
WITH found AS MATERIALIZED ({ALERTS})
SELECT found.*, NULL AS what, NULL AS value, NULL::bigint AS members FROM found
UNION ALL
SELECT NULL, alert_id, NULL, NULL, NULL, what, value, members FROM ({_tallies(_loaded, "$4", "$5")}) AS counted
"""  # noqa: S608 - made of the constant above

# Take a tick that has not been run; who waited for another to run it gets no row.
CLAIM_TICK = "SELECT 1 FROM tick WHERE kind = $1 AND ends_at = $2 AND ran_at IS NULL FOR UPDATE"

# Load the negative contacts of a span of days by cell. Of a customer only a number is needed, the same in every cell:
# that two of the customers of one cell share it is less likely than one in a thousand million for a million of them.
CONTACTS = """
SELECT process, category, region, array_agg(day - '0001-01-01'::date + 1) AS days,
  array_agg(hashtextextended(customer, 0)) AS customers,
  max(began_at) FILTER (WHERE critical AND day > $2::date - 7) AS critical,
  count(*) FILTER (WHERE day > $2::date - $3::integer) AS recent,
  coalesce(sum(points) FILTER (WHERE day > $2::date - $3::integer), 0) AS points
FROM contribution WHERE day BETWEEN $1 AND $2 AND negative AND NOT by_staff GROUP BY process, category, region
"""

# Count the negative contacts of a span of days by hour of the week.
HOURS = """
SELECT ((extract(isodow FROM at) - 1) * 24 + extract(hour FROM at))::integer AS hour, count(*) AS times
FROM (SELECT began_at AT TIME ZONE 'UTC' AS at FROM contribution
  WHERE day BETWEEN $1 AND $2 AND negative AND NOT by_staff) AS contact GROUP BY 1
"""

# Load the negative contacts of a span, by hours, of cells in which enough began in the last day, and of those named.
RECENT = """
WITH busy AS (
  SELECT process, category FROM contribution
  WHERE day >= ($2::timestamptz AT TIME ZONE 'UTC')::date - 1 AND negative AND NOT by_staff
    AND began_at >= $2::timestamptz - interval '24 hours' AND began_at < $2
  GROUP BY process, category HAVING count(*) >= $3
  UNION SELECT process, category FROM unnest($4::text[], $5::text[]) AS named (process, category)
)
SELECT c.process, c.category, c.region,
  array_agg(((c.began_at AT TIME ZONE 'UTC')::date - '0001-01-01'::date + 1) * 24
    + extract(hour FROM c.began_at AT TIME ZONE 'UTC')::integer) AS hours,
  array_agg(hashtextextended(c.customer, 0)) AS customers
FROM busy JOIN contribution c ON c.process = busy.process AND c.category = busy.category AND NOT c.by_staff
WHERE c.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND c.began_at >= $1 AND c.began_at < $2 AND c.negative
GROUP BY c.process, c.category, c.region
"""

# Read the closed cases of a span: whose customer came back, to another subject within the time, or by reopening them.
# The time is in hours, since how long a day is depends on the zone of the session.
CASES = """
SELECT c.process, {c} AS category, c.region, c.customer, c.done_at, c.doc, c.reopened OR EXISTS (
    SELECT FROM contribution o WHERE o.customer = c.customer AND {o} = {c} AND o.contact
      AND o.began_at > c.done_at AND o.began_at < c.done_at + $3::integer * interval '1 hour'
      AND (o.source, o.subject) <> (c.source, c.subject)) AS returned
FROM contribution c WHERE c.contact AND c.done_at >= $1 AND c.done_at < $2
""".format(
    **{one: f"coalesce(($5::text[])[array_position($4::text[], {one}.category)], {one}.category)" for one in "co"}
)

# Load the closed cases of a span by cell, customers as numbers as above.
CLOSED = f"""
SELECT process, category, region,
  array_agg((done_at AT TIME ZONE 'UTC')::date - '0001-01-01'::date + 1) AS days,
  array_agg(hashtextextended(customer, 0)) AS customers, array_agg(returned) AS returned
FROM ({CASES}) AS closed GROUP BY process, category, region
"""  # noqa: S608 - made of the constant above

# Load what the ticks of hours have to know.
TEMPO = "SELECT doc FROM volume_tempo WHERE id = 1"

# Say when a person last closed the review of each cell, as far back as windows reach.
ACTS = """
SELECT process, category, region, max(acted_at) AS acted_at FROM alert
WHERE acted_at >= $2 AND kind = $1 GROUP BY process, category, region
"""

# Load what each cell remembers.
CELLS = "SELECT doc FROM volume_cell WHERE measure = $1"

# Say since when each process has been heard of, by one probe of the index a process.
FIRST_DAYS = """
WITH RECURSIVE known AS (
  (SELECT process, day FROM contribution ORDER BY process, day LIMIT 1)
  UNION ALL
  SELECT following.* FROM known CROSS JOIN LATERAL (
    SELECT c.process, c.day FROM contribution c WHERE c.process > known.process ORDER BY c.process, c.day LIMIT 1
  ) AS following
)
SELECT process, day AS first_day FROM known
"""

# Count the instances completed on each day.
COMPLETED = """
SELECT process, region, completed_on AS day, count(*) AS times FROM process_instance
WHERE completed_on BETWEEN $1 AND $2 GROUP BY process, region, completed_on
"""

# Count the survey responses of each day, good and bad, and the bad ones among them.
ANSWERS = """
SELECT process, region, day, count(*) AS times, count(*) FILTER (WHERE negative) AS negative FROM contribution
WHERE surveyed AND part = '' AND day BETWEEN $1 AND $2 GROUP BY process, region, day
"""

# Load the downtimes that began before an instant and were not over at another.
DOWNTIMES = "SELECT * FROM downtime WHERE started_at < $2 AND (ended_at IS NULL OR ended_at >= $1)"

# Count of each process named what was completed in a span of days with a known start, and of that what kept to the sla;
# what was heard of it; and whether a review of it was written.
FLOWS = """
WITH asked AS (
  SELECT process, sla FROM unnest($5::text[], $6::interval[]) AS named (process, sla)
), done AS (
  SELECT process, count(*) AS completed, count(*) FILTER (WHERE completed_at - started_at <= sla) AS inside
  FROM asked JOIN process_instance USING (process)
  WHERE completed_on BETWEEN $1 AND $2 AND started_at <= completed_at GROUP BY process
), heard AS (
  SELECT process, count(*) AS feedback FROM asked JOIN contribution USING (process)
  WHERE day BETWEEN $1 AND $2 AND part = '' GROUP BY process
)
SELECT process, coalesce(completed, 0) AS completed, coalesce(inside, 0) AS inside, coalesce(feedback, 0) AS feedback,
  process IN (SELECT process FROM review WHERE ends_at > $3 AND ends_at <= $4) AS reviewed
FROM asked LEFT JOIN done USING (process) LEFT JOIN heard USING (process)
"""

# Lock an idempotency key.
LOCK_ANSWER = """
INSERT INTO answer (key) VALUES ($1) ON CONFLICT (key) DO UPDATE SET key = excluded.key WHERE false RETURNING key
"""

# Read what was answered under it in the last day.
ANSWER = """
SELECT request, status, body FROM answer
WHERE key = $1 AND request IS NOT NULL AND answered_at > now() - interval '24 hours'
"""
