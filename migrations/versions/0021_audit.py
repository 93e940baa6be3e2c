"""Keep what people do in a chain that is only ever added to."""

from alembic import op

revision = "0021"
down_revision = "0020"

_STEPS = (
    """
    CREATE TABLE audit (
      seq bigint NOT NULL,
      at timestamptz NOT NULL,
      actor text COLLATE "C" NOT NULL,
      role text COLLATE "C",
      means text COLLATE "C" NOT NULL,
      action text COLLATE "C" NOT NULL,
      kind text COLLATE "C" NOT NULL,
      object_id text COLLATE "C" NOT NULL,
      team text COLLATE "C",
      before json,
      after json,
      outcome text COLLATE "C" NOT NULL,
      hash text COLLATE "C" NOT NULL,
      CONSTRAINT audit_pkey PRIMARY KEY (seq)
    )
    """,
    "CREATE INDEX audit_object ON audit (kind, object_id, seq)",
    "CREATE INDEX audit_actor ON audit (actor, seq)",
    "CREATE INDEX audit_action ON audit (action, seq)",
    """
    CREATE TABLE audit_head (
      id smallint NOT NULL,
      seq bigint NOT NULL,
      hash text COLLATE "C" NOT NULL,
      CONSTRAINT audit_head_pkey PRIMARY KEY (id)
    )
    """,
    """
    CREATE TABLE audit_anchor (
      seq bigint NOT NULL,
      hash text COLLATE "C" NOT NULL,
      entries integer NOT NULL,
      cut_at timestamptz NOT NULL,
      CONSTRAINT audit_anchor_pkey PRIMARY KEY (seq)
    )
    """,
    # A row behind the last anchor may go, for that is how retention cuts; nothing else ever changes.
    """
    CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit' THEN
        IF OLD.seq <= (SELECT max(seq) FROM audit_anchor) THEN
          RETURN OLD;
        END IF;
      END IF;
      RAISE EXCEPTION 'the audit is only ever added to' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    "CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays()",
    "CREATE TRIGGER audit_kept BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()",
    """
    CREATE TRIGGER audit_anchor_stays BEFORE UPDATE OR DELETE ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_stays()
    """,
    """
    CREATE TRIGGER audit_anchor_kept BEFORE TRUNCATE ON audit_anchor
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays()
    """,
)


def upgrade() -> None:
    """Make the tables, empty: the chain begins with the first act after this."""
    for step in _STEPS:
        op.execute(step)
