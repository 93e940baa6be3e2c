-- The tables of the job. Keys collate by code point, as ours do; there are no foreign keys, as in ours.
CREATE TABLE refused (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason text NOT NULL,
    detail text NOT NULL,
    value bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE event_identity (
    source text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    admitted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, id)
);

CREATE TABLE feedback (
    source text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    document json NOT NULL,
    explanation json NOT NULL,
    PRIMARY KEY (source, event_id)
);

CREATE TABLE contribution (
    source text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    process text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    day date NOT NULL,
    negative boolean NOT NULL,
    points smallint NOT NULL,
    PRIMARY KEY (source, subject)
);
CREATE INDEX contribution_cell ON contribution (process, category, day);

CREATE TABLE alert (
    process text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    team text COLLATE "C" NOT NULL,
    events bigint NOT NULL,
    worst smallint NOT NULL,
    -- What `worst` was before the last write; nothing where that write opened the alert.
    previous smallint,
    opened_at timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL,
    PRIMARY KEY (process, category, region)
) WITH (fillfactor = 50);

CREATE TABLE member (
    source text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    process text COLLATE "C" NOT NULL,
    category text COLLATE "C" NOT NULL,
    region text COLLATE "C" NOT NULL,
    event_id text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    severity smallint NOT NULL,
    PRIMARY KEY (source, subject, process, category, region)
);

-- Read and deleted by a relay, which is no part of the race.
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic text NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
