"""A table and its columns -> the statement that fills it from forms, event by event or alert by alert.

`t` is a row of the forms, `n` an event that is made: its number, its form's number k, identity e, order o, customer c,
times `at` and `told_at`. In texts, which are for format(), the places are those of `_ARGUMENTS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

# Order of the values of an event as its texts have them.
EVENT, CUSTOMER, ORDER, AT, TOLD_AT, REVISION, OWN_ALERT, OWN_KEY, ALERT = (f"%{place}$s" for place in range(1, 10))
_SECONDS = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')"""
_REVISION = "(extract(epoch FROM n.at) * 1000000)::bigint"
_OWN_ALERT, _OWN_KEY = "md5('alert' || n.n)::uuid::text", "'v1:' || encode(sha256(('key' || n.n)::bytea), 'hex')"
# An alert of many customers is one of its day.
_OF_DAY = "md5({} || (n.at AT TIME ZONE 'UTC')::date)::uuid::text"
_ALERT_ID = f"CASE WHEN t.own THEN {_OWN_ALERT} ELSE {_OF_DAY.format('t.alert_id')} END"
_ALERT_KEY = f"CASE WHEN t.own THEN {_OWN_KEY} ELSE t.alert_key END"
_ARGUMENTS = ", ".join(
    (
        *("n.e", "n.c", "n.o", _SECONDS.format("n.at"), _SECONDS.format("n.told_at"), _REVISION, _OWN_ALERT, _OWN_KEY),
        _OF_DAY.format("t.owner"),
    )
)
_SUBJECT = "'response/' || n.e"
# From number $1 to below $2: over $4 from $3 on come $5 events.
_EVENTS = """
WITH n AS (
  SELECT d.*, d.at + interval '1 second' AS told_at, c.customer AS c FROM (
    SELECT n, n % {forms} AS k, date_trunc('second', $3::timestamptz + n / $5::float8 * $4::interval) AS at,
      'b-' || lpad((n * 7919 % {measured})::text, 7, '0') || '-' || n AS e,
      lpad((n * 48271 % 1000000000)::text, 9, '0') AS o,
      n * 2654435761 % 4294967296 % (SELECT count(*) FROM fill_customer) AS owner
    FROM generate_series($1::bigint, $2::bigint - 1) AS n
  ) AS d JOIN fill_customer c ON c.owner = d.owner
)"""
_BY_EVENT = "n JOIN fill_{table} t ON t.k = n.k"
# Alerts of many customers, with the last event of each day for what is an event's own.
_BY_DAY = """(SELECT * FROM n JOIN (
  SELECT max(n) AS n FROM n GROUP BY (at AT TIME ZONE 'UTC')::date) AS last USING (n)
) AS n CROSS JOIN (SELECT * FROM fill_{table} WHERE NOT own) AS t"""

_BY_LAST = "(SELECT * FROM n ORDER BY n DESC LIMIT 1) AS n CROSS JOIN (SELECT * FROM fill_{table} WHERE NOT own) AS t"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`number` says whose event a row of the table is, `texts` are the columns with an event's own inside of them.

    `values` are the columns that are an event's own, `sources` where rows come from, one statement each; `meeting` is
    what to do where two are of one key.
    """

    table: str
    number: str
    texts: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = (_BY_EVENT,)
    condition: str = ""
    meeting: str = ""


def statements(form: Form, columns: Mapping[str, str], *, forms: int, measured: int) -> Sequence[str]:
    """Return what fills a table, whose columns are given with their types."""
    values = {name: f"t.{name}" for name in columns} | dict(form.values)
    values |= {name: f"format(t.{name}, {_ARGUMENTS})::{columns[name]}" for name in form.texts}
    return [
        f"{_EVENTS.format(forms=forms, measured=measured)} "  # noqa: S608 - made of the constants above
        f"INSERT INTO {form.table} ({', '.join(columns)}) SELECT {', '.join(values[name] for name in columns)} "
        f"FROM {source.format(table=form.table)} {form.condition} {form.meeting}"
        for source in form.sources
    ]


_BY_ID = "substr(event_id, 3)::integer"
_BY_SUBJECT = "substr(subject, 12)::integer"
_OWN = {"subject": _SUBJECT, "customer": "n.c"}
_BY_OWN = _BY_EVENT + " AND t.own"
_EPISODE = "CASE WHEN t.own THEN 1 ELSE 1 + extract(day FROM n.at - $3::timestamptz)::integer END"

OURS = (
    Form(table="contribution", number=_BY_SUBJECT, texts=("doc",), values={**_OWN, "began_at": "n.at"}),
    Form(
        table="member",
        number=_BY_ID,
        values={**_OWN, "event_id": "n.e", "alert_id": _ALERT_ID, "alert_key": _ALERT_KEY},
    ),
    Form(
        table="feedback",
        number=_BY_ID,
        texts=("document", "explanation"),
        values={
            "event_id": "n.e",
            "subject": _SUBJECT,
            "received_at": "n.told_at",
            "occurred_at": "n.at",
            "revision": _REVISION,
        },
    ),
    Form(table="event_identity", number="substr(id, 3)::integer", values={"id": "n.e", "admitted_at": "n.told_at"}),
    Form(
        table="subject",
        number=_BY_SUBJECT,
        values={
            "subject": _SUBJECT,
            "revision": _REVISION,
            "event_id": "n.e",
            **dict.fromkeys(("occurred_at", "began_at"), "n.at"),
        },
    ),
    Form(
        table="link_wait",
        number=_BY_SUBJECT,
        texts=("key",),
        values={"subject": _SUBJECT, "until": "n.told_at + interval '72 hours'"},
        condition="WHERE n.told_at > now() - interval '72 hours'",
    ),
    Form(
        table="alert",
        number="(SELECT min(substr(event_id, 3)::integer) FROM member WHERE member.alert_id = alert.alert_id)",
        texts=("doc",),
        values={
            "alert_id": _ALERT_ID,
            "alert_key": _ALERT_KEY,
            "state": "'resolved'",
            "episode": _EPISODE,
            **dict.fromkeys(("opened_at", "resolved_at"), "n.told_at"),
            **dict.fromkeys(("first_seen", "last_seen"), "n.at"),
            "due_at": "NULL",
            "on_agenda": "false",
        },
        sources=(_BY_OWN, _BY_DAY),
        meeting="ON CONFLICT DO NOTHING",
    ),
    Form(
        table="alert_key",
        number="(SELECT min(substr(event_id, 3)::integer) FROM member WHERE member.alert_id = alert_key.alert_id)",
        values={"alert_id": _ALERT_ID, "alert_key": _ALERT_KEY, "episodes": _EPISODE},
        sources=(_BY_OWN, _BY_LAST),
        meeting="ON CONFLICT (alert_key) DO UPDATE SET alert_id = excluded.alert_id, episodes = excluded.episodes",
    ),
)

PEERS = (
    Form(
        table="feedback",
        number=_BY_ID,
        texts=("document", "explanation"),
        values={"event_id": "n.e", "received_at": "n.told_at", "occurred_at": "n.at"},
    ),
    Form(
        table="contribution",
        number=_BY_SUBJECT,
        values={**_OWN, "day": "(n.at AT TIME ZONE 'UTC')::date"},
    ),
    Form(table="member", number=_BY_ID, values={**_OWN, "event_id": "n.e"}),
    Form(table="event_identity", number="substr(id, 3)::integer", values={"id": "n.e", "admitted_at": "n.told_at"}),
)
