"""Lay the tables out, with the hash partitions of identities and the default partition of feedback.

asyncpg takes one statement at a time, so they are sent one by one; no text in them holds a semicolon.
"""

from alembic import op

revision = "0001"
down_revision = None

_PARTITIONS = 8

_TABLES = """
CREATE TABLE partition_lease (
  cluster text COLLATE "C" NOT NULL,
  grp text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  epoch bigint NOT NULL,
  next_offset bigint,
  stream_at timestamptz,
  at_end boolean DEFAULT false NOT NULL,
  owner text DEFAULT '' NOT NULL,
  claimed_at timestamptz DEFAULT now() NOT NULL,
  CONSTRAINT partition_lease_pkey PRIMARY KEY (cluster, grp, topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE event_identity (
  source text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  admitted_at timestamptz DEFAULT now() NOT NULL,
  CONSTRAINT event_identity_pkey PRIMARY KEY (source, id)
) PARTITION BY HASH (source, id);

CREATE TABLE correlation_key (
  key text COLLATE "C" NOT NULL,
  CONSTRAINT correlation_key_pkey PRIMARY KEY (key)
);

CREATE TABLE instance_key (
  key text COLLATE "C" NOT NULL,
  instance_id text COLLATE "C" NOT NULL,
  CONSTRAINT instance_key_pkey PRIMARY KEY (key, instance_id)
);

CREATE TABLE process_instance (
  instance_id text COLLATE "C" NOT NULL,
  process text COLLATE "C" NOT NULL,
  customer text COLLATE "C",
  updated_at timestamptz NOT NULL,
  doc json NOT NULL,
  CONSTRAINT process_instance_pkey PRIMARY KEY (instance_id)
);
CREATE INDEX process_instance_customer ON process_instance (customer) WHERE customer IS NOT NULL;

CREATE TABLE subject (
  source text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  revision bigint,
  occurred_at timestamptz,
  event_id text COLLATE "C",
  began_at timestamptz,
  withdrawn boolean,
  CONSTRAINT subject_pkey PRIMARY KEY (source, subject)
) WITH (fillfactor = 50);

CREATE TABLE customer (
  customer text COLLATE "C" NOT NULL,
  CONSTRAINT customer_pkey PRIMARY KEY (customer)
);

CREATE TABLE contribution (
  source text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  began_at timestamptz NOT NULL,
  day date GENERATED ALWAYS AS (((began_at AT TIME ZONE 'UTC'::text))::date) STORED NOT NULL,
  process text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  region text COLLATE "C",
  negative boolean NOT NULL,
  doc json NOT NULL,
  CONSTRAINT contribution_pkey PRIMARY KEY (source, subject, part)
);
CREATE INDEX contribution_customer ON contribution (customer, began_at);
CREATE INDEX contribution_day ON contribution (day);

CREATE TABLE alert_key (
  alert_key text COLLATE "C" NOT NULL,
  alert_id text COLLATE "C",
  episodes integer DEFAULT 0 NOT NULL,
  CONSTRAINT alert_key_pkey PRIMARY KEY (alert_key)
) WITH (fillfactor = 50);

CREATE TABLE alert (
  alert_id text COLLATE "C" NOT NULL,
  alert_key text COLLATE "C" NOT NULL,
  episode integer NOT NULL,
  kind text COLLATE "C" NOT NULL,
  level text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  team text COLLATE "C" NOT NULL,
  route text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  process text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  region text COLLATE "C",
  rank smallint NOT NULL,
  events integer NOT NULL,
  customers integer NOT NULL,
  revision integer NOT NULL,
  opened_at timestamptz NOT NULL,
  first_seen timestamptz NOT NULL,
  last_seen timestamptz NOT NULL,
  resolved_at timestamptz,
  due_at timestamptz,
  acked_until timestamptz,
  doc json NOT NULL,
  CONSTRAINT alert_pkey PRIMARY KEY (alert_id)
) WITH (fillfactor = 50);
CREATE INDEX alert_due ON alert (due_at, alert_id) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX alert_one_open ON alert (alert_key) WHERE state = 'open';
CREATE INDEX alert_queue ON alert (team, rank DESC, last_seen DESC, alert_id) WHERE state = 'open';
CREATE INDEX alert_ended ON alert (team, last_seen DESC, alert_id) WHERE state = 'resolved';

CREATE TABLE member (
  source text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  alert_id text COLLATE "C" NOT NULL,
  alert_key text COLLATE "C" NOT NULL,
  copy boolean NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  customer text COLLATE "C" NOT NULL,
  instance_id text COLLATE "C",
  severity text COLLATE "C" NOT NULL,
  score double precision NOT NULL,
  done boolean NOT NULL,
  team text COLLATE "C" NOT NULL,
  CONSTRAINT member_pkey PRIMARY KEY (source, subject, part, alert_id)
);
CREATE INDEX member_alert ON member (alert_id);
CREATE INDEX member_customer ON member (customer, alert_id);
CREATE INDEX member_instance ON member (instance_id, alert_id) WHERE instance_id IS NOT NULL;

CREATE TABLE volume_cell (
  process text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  region text COLLATE "C" DEFAULT '' NOT NULL,
  doc json NOT NULL,
  CONSTRAINT volume_cell_pkey PRIMARY KEY (process, category, region)
);

CREATE TABLE feedback (
  received_at timestamptz NOT NULL,
  source text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  revision bigint NOT NULL,
  version integer NOT NULL,
  digest text COLLATE "C" NOT NULL,
  document json NOT NULL,
  explanation json NOT NULL
) PARTITION BY RANGE (received_at);
CREATE INDEX feedback_identity ON feedback (source, event_id);

CREATE TABLE notice (
  alert_id text COLLATE "C" NOT NULL,
  revision integer NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  team text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL,
  digest text COLLATE "C" NOT NULL,
  doc json NOT NULL,
  CONSTRAINT notice_pkey PRIMARY KEY (alert_id, revision)
);
CREATE INDEX notice_team ON notice (team, seq);

CREATE TABLE review (
  window_end date NOT NULL,
  process text COLLATE "C" NOT NULL,
  category text COLLATE "C" NOT NULL,
  region text COLLATE "C" DEFAULT '' NOT NULL,
  alert_id text COLLATE "C",
  digest text COLLATE "C" NOT NULL,
  document json NOT NULL,
  CONSTRAINT review_pkey PRIMARY KEY (window_end, process, category, region)
);

CREATE TABLE tick (
  kind text COLLATE "C" NOT NULL,
  window_end date NOT NULL,
  due_at timestamptz NOT NULL,
  ran_at timestamptz,
  CONSTRAINT tick_pkey PRIMARY KEY (kind, window_end)
);
CREATE INDEX tick_waiting ON tick (due_at) WHERE ran_at IS NULL;

CREATE TABLE dead_letter (
  id bigint GENERATED ALWAYS AS IDENTITY,
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  item integer NOT NULL,
  stage text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  detail text NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  length bigint NOT NULL,
  key bytea,
  payload text,
  at timestamptz NOT NULL,
  CONSTRAINT dead_letter_pkey PRIMARY KEY (id)
);
CREATE INDEX dead_letter_place ON dead_letter (topic, partition, "offset", item);

CREATE TABLE batch (
  id bigint GENERATED ALWAYS AS IDENTITY,
  cluster text COLLATE "C" NOT NULL,
  grp text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  partition integer NOT NULL,
  first_offset bigint,
  next_offset bigint,
  now timestamptz NOT NULL,
  digest text COLLATE "C" NOT NULL,
  books json NOT NULL,
  committed_at timestamptz DEFAULT now() NOT NULL,
  CONSTRAINT batch_pkey PRIMARY KEY (id)
);

CREATE TABLE answer (
  key text COLLATE "C" NOT NULL,
  answered_at timestamptz DEFAULT now() NOT NULL,
  request text,
  status integer,
  body text,
  CONSTRAINT answer_pkey PRIMARY KEY (key)
);
CREATE INDEX answer_age ON answer (answered_at);

CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
  shard integer NOT NULL,
  owner text COLLATE "C" NOT NULL,
  topic text COLLATE "C" NOT NULL,
  keys bytea[] NOT NULL,
  values bytea[] NOT NULL,
  received_at timestamptz,
  publish_seq bigint,
  created_at timestamptz DEFAULT now() NOT NULL,
  CONSTRAINT outbox_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX outbox_numbered ON outbox (shard, publish_seq) WHERE publish_seq IS NOT NULL;
CREATE INDEX outbox_unnumbered ON outbox (shard, id) WHERE publish_seq IS NULL;

CREATE TABLE relay_shard (
  shard integer NOT NULL,
  epoch bigint NOT NULL,
  next_seq bigint NOT NULL,
  owner text NOT NULL,
  CONSTRAINT relay_shard_pkey PRIMARY KEY (shard)
) WITH (fillfactor = 50);

CREATE TABLE playbook (
  digest text COLLATE "C" NOT NULL,
  name text NOT NULL,
  documents json NOT NULL,
  activated_at timestamptz NOT NULL,
  active boolean NOT NULL,
  CONSTRAINT playbook_pkey PRIMARY KEY (digest)
);
CREATE UNIQUE INDEX playbook_one_active ON playbook (active) WHERE active;
CREATE TABLE feedback_default PARTITION OF feedback DEFAULT;
"""


def upgrade() -> None:
    for statement in _TABLES.split(";"):
        if statement.strip():
            op.execute(statement)
    for remainder in range(_PARTITIONS):
        op.execute(
            f"CREATE TABLE event_identity_p{remainder} PARTITION OF event_identity "
            f"FOR VALUES WITH (MODULUS {_PARTITIONS}, REMAINDER {remainder})"
        )
