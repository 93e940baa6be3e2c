"""One transaction -> what may hold notices back, and what of that it changed.

Silences are few and seldom change, so each store keeps those that it has read, by the number of their last change.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from msgspec.structs import replace

from service.adapters.postgres.documents import SILENCES
from service.adapters.postgres.queries import FORWARDS
from service.adapters.postgres.session import Session
from service.core.records.facts import Facts
from service.core.records.muting import CHECK_AFTER, KEPT, Hidden, Muters, Silence, Silences, Source, Spent
from service.core.records.words import AlertKind, Level, Severity, Wait
from service.ports import Saving

# Look at all that may hold a notice back, and find the keys to which alerts were moved from some, one after another.
_MUTERS = f"""
SELECT ARRAY({FORWARDS}) AS led, coalesce((SELECT version FROM silences), 0) AS version,
  (SELECT json_agg(json_build_array(alert_id, kind, level, team, process, category, region, severity))
   FROM alert WHERE on_agenda AND kind IN ('volume', 'recontact') AND state = 'open' AND revision > 0) AS sources,
  (SELECT json_agg(json_build_array(team, stretch, began, used)) FROM team_budget) AS spent
"""  # noqa: S608 - made of the constant above

# Read the silences that have not ended.
_SILENCES = "SELECT doc, check_at FROM silence WHERE ended_at IS NULL"

# Make what teams have spent where it is nothing yet, so that there is something to lock.
_MAKE_BUDGETS = """
INSERT INTO team_budget (team, stretch, began, used)
SELECT team, stretch, 'epoch', 0 FROM unnest($1::text[]) AS teams (team), unnest($2::text[]) AS stretches (stretch)
ORDER BY team, stretch
ON CONFLICT (team, stretch) DO NOTHING
"""

# Lock what teams have spent.
_BUDGETS = """
SELECT team, stretch, began, used FROM team_budget WHERE team = ANY ($1::text[]) ORDER BY team, stretch FOR UPDATE
"""

# Find the first alerts that something holds back.
_HELD = "SELECT alert_key, alert_id FROM alert WHERE held_by = $1 ORDER BY alert_key, alert_id LIMIT $2"

# Lock a silence.
_SILENCE = "SELECT doc, check_at FROM silence WHERE silence_id = $1 FOR UPDATE"

# Count what reviews and silences hide. Cases and customers at risk have no members; of a review nobody is counted.
_HIDDEN = """
SELECT muter, alerts, events, rank, customers, lately FROM unnest($1::text[]) AS hiding (muter)
CROSS JOIN LATERAL (
  SELECT count(*) AS alerts, coalesce(max(rank), 0) AS rank,
    coalesce(sum(events) FILTER (WHERE kind IN ('event', 'late_case', 'at_risk')), 0) AS events
  FROM alert WHERE held_by = muter) AS held
CROSS JOIN LATERAL (
  SELECT count(DISTINCT who) AS customers, count(DISTINCT who) FILTER (WHERE at > $2) AS lately FROM (
    SELECT m.customer AS who, c.began_at AS at FROM alert a JOIN member m ON m.alert_id = a.alert_id
    JOIN contribution c ON c.source = m.source AND c.subject = m.subject AND c.part = m.part
    WHERE a.held_by = muter
    UNION ALL
    SELECT coalesce(doc -> 'fields' ->> 'customer', alert_id), last_seen FROM alert
    WHERE held_by = muter AND kind IN ('late_case', 'at_risk') AND customers > 0) AS people) AS counted
"""

# Put silences in.
_PUT = """
INSERT INTO silence (silence_id, created_at, starts_at, ends_at, ended_at, check_at, doc)
SELECT silence_id, created_at, starts_at, ends_at, ended_at, check_at, doc::json
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
  $7::text[]) AS new (silence_id, created_at, starts_at, ends_at, ended_at, check_at, doc)
ON CONFLICT (silence_id) DO UPDATE SET ends_at = excluded.ends_at, ended_at = excluded.ended_at,
  check_at = excluded.check_at, doc = excluded.doc
"""

# Forget the silences that ended long ago.
_FORGET = "DELETE FROM silence WHERE ended_at < $1"

# Count a change of silences.
_CHANGED = """
INSERT INTO silences (id, version) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET version = silences.version + 1
"""

# Have silences looked at under which something has changed.
_CHECK = """
UPDATE silence SET check_at = $2 WHERE silence_id = ANY ($1::text[]) AND ended_at IS NULL AND check_at IS NULL
"""

# Count interrupts in the stretches of time that they fall into; what is older counts in the one that has begun since.
_SPEND = """
INSERT INTO team_budget AS held (team, stretch, began, used)
SELECT team, stretch, began, used FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::integer[])
  AS new (team, stretch, began, used)
ON CONFLICT (team, stretch) DO UPDATE SET began = greatest(held.began, excluded.began),
  used = CASE WHEN excluded.began > held.began THEN excluded.used ELSE held.used + excluded.used END
"""

# Have what an ended review or silence held back asked for again.
_RELEASE = """
INSERT INTO release (muter, at) SELECT muter, $2 FROM unnest($1::text[]) AS ended (muter)
ON CONFLICT (muter) DO UPDATE SET at = least(release.at, excluded.at)
"""

# Wait for whoever has something to be asked for again.
_LOCK_RELEASE = "SELECT FROM release WHERE muter = $1 FOR UPDATE"

# All that something held back was asked for again, unless more was committed since it was looked at.
_RELEASED = """
DELETE FROM release
WHERE muter = $1 AND NOT EXISTS (SELECT FROM alert WHERE held_by = $1 AND alert_id <> ALL ($2::text[]))
"""

# Hold on to the reviews and silences that are in force, so that none can end before what they hold back is committed.
_IN_FORCE = """
SELECT alert_id AS muter FROM alert WHERE alert_id = ANY ($1::text[]) AND state = 'open' FOR SHARE
"""
_SILENCE_IN_FORCE = """
SELECT silence_id AS muter FROM silence WHERE silence_id = ANY ($1::text[]) AND ended_at IS NULL FOR SHARE
"""

_STRETCHES = ("day", "hour", "shift")


class KeptSilences:
    """The silences as a store has last read them."""

    def __init__(self) -> None:
        self._version = -1
        self._silences = Silences()

    async def as_of(self, version: int, session: Session) -> Silences:
        if version != self._version:
            self._silences = Silences(map(read_silence, await session.fetch(_SILENCES)))
            self._version = version
        return self._silences


async def muters(session: Session, kept: KeptSilences, keys: Sequence[str]) -> tuple[Muters, Collection[str]]:
    """Load what may hold notices back, and the keys to which alerts were moved from some; all without a lock."""
    (row,) = await session.fetch(_MUTERS, keys)
    spent = ((team, stretch, datetime.fromisoformat(began), used) for team, stretch, began, used in _list(row["spent"]))
    found = Muters(
        silences=await kept.as_of(row["version"], session),
        sources=tuple(
            Source(
                alert_id=alert_id,
                kind=AlertKind(kind),
                level=None if level is None else Level(level),
                team=team,
                process=process,
                category=category,
                region=region,
                severity=Severity(severity),
            )
            for alert_id, kind, level, team, process, category, region, severity in sorted(_list(row["sources"]))
        ),
        spent=_spent(spent),
    )
    return found, row["led"]


async def held(session: Session, muter: str, limit: int) -> Sequence[tuple[str, str]]:
    """Name (alert key, alert id) of the first alerts that something holds back."""
    return [(row["alert_key"], row["alert_id"]) for row in await session.fetch(_HELD, muter, limit)]


async def silence(session: Session, silence_id: str, since: datetime) -> Silence | None:
    """Lock a silence and count what it hides now."""
    rows = await session.fetch(_SILENCE, silence_id)
    if not rows:
        return None
    found = read_silence(rows[0])
    if found.ended_at is not None:
        return found
    return replace(found, hidden=(await hidden(session, [silence_id], since))[silence_id])


async def hidden(session: Session, muters: Sequence[str], since: datetime) -> dict[str, Hidden]:
    """Count what reviews and silences hide now; `lately` are those who were first heard of since an instant."""
    found: dict[str, Hidden] = {}
    for row in await session.fetch(_HIDDEN, list(muters), since):
        numbers = {name: row[name] for name in ("alerts", "events", "customers", "lately")}
        found[row["muter"]] = Hidden(worst=tuple(Severity)[row["rank"]], **numbers)
    return found


async def budgets(session: Session, teams: Iterable[str]) -> dict[str, Spent]:
    """Lock and load what teams have spent."""
    wanted = sorted(set(teams))
    if not wanted:
        return {}
    await session.execute(_MAKE_BUDGETS, wanted, _STRETCHES)
    rows = await session.fetch(_BUDGETS, wanted)
    return _spent((row["team"], row["stretch"], row["began"], row["used"]) for row in rows)


async def save_muting(session: Session, saving: Saving) -> None:
    """Write what changed, after the alerts and before the outbox."""
    facts = saving.facts
    written = sorted(facts.silences.written.items())
    await session.write(
        _PUT,
        (
            (
                *(name, one.created_at, one.starts_at, one.ends_at, one.ended_at, one.check_at),
                SILENCES.write(one),
            )
            for name, one in written
        ),
    )
    if any(facts.silences.loaded(name) is None for name, _ in written):
        await session.execute(_FORGET, saving.now - KEPT)
    if any(_holds_otherwise(facts.silences.loaded(name), one) for name, one in written):
        await session.execute(_CHANGED)
    if hiding := facts.hiding():
        await session.execute(_CHECK, list(hiding), saving.now + CHECK_AFTER)
    ended = {*facts.ended(), *await _over(session, facts)}
    if ended:
        await session.execute(_RELEASE, sorted(ended), saving.now)
    if saving.released is not None:
        asked = [one.alert_id for one in facts.alerts.all_loaded() if one.held_by == saving.released]
        await session.execute(_LOCK_RELEASE, saving.released)
        await session.execute(_RELEASED, saving.released, asked)
    await session.write(_SPEND, _spending(facts))


def _holds_otherwise(before: Silence | None, now: Silence) -> bool:
    return before is None or replace(before, hidden=now.hidden, check_at=now.check_at) != now


async def _over(session: Session, facts: Facts) -> set[str]:
    """Name what an alert is held back by from now on, and has ended since it was loaded."""
    fresh: dict[Wait, set[str]] = {Wait.INHIBITED: set(), Wait.SILENCED: set()}
    for name, one in facts.alerts.written.items():
        before = facts.alerts.loaded(name)
        if one.held is not None and one.held_by is not None and (before is None or before.held_by != one.held_by):
            fresh[one.held.why].add(one.held.by)
    over: set[str] = set()
    for why, statement in ((Wait.INHIBITED, _IN_FORCE), (Wait.SILENCED, _SILENCE_IN_FORCE)):
        if fresh[why]:
            over |= fresh[why] - {row["muter"] for row in await session.fetch(statement, sorted(fresh[why]))}
    return over


def _spending(facts: Facts) -> Sequence[tuple[str, str, datetime, int]]:
    """Say what each team has spent since it was looked at, in the stretches that this ended in."""
    found: list[tuple[str, str, datetime, int]] = []
    for team, now in sorted(facts.spent.written.items()):
        before = facts.spent.loaded(team) or facts.muters.spent.get(team) or Spent()
        for stretch in _STRETCHES:
            counted, held = getattr(now, stretch), getattr(before, stretch)
            if counted is not None:
                began, used = counted
                found.append((team, stretch, began, used - held[1] if held is not None and held[0] == began else used))
    return [one for one in found if one[3] > 0]


def _spent(rows: Iterable[tuple[str, str, datetime, int]]) -> dict[str, Spent]:
    found: dict[str, Spent] = {}
    for team, stretch, began, used in rows:
        found[team] = replace(found.get(team, Spent()), **{stretch: (began, used)})
    return found


def read_silence(row: asyncpg.Record) -> Silence:
    """Read a silence out of its document and the time of its next look."""
    return replace(SILENCES.read(row["doc"]), check_at=row["check_at"])


def _list(text: str | None) -> list[list[Any]]:
    found: list[list[Any]] = orjson.loads(text) if text is not None else []
    return found
