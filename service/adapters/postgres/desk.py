"""A pool -> the pages that the API reads, each as it stands, without a lock."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import asyncpg
import orjson

from service.adapters.postgres.acts import PostgresActs
from service.adapters.postgres.causes import PostgresCauses
from service.adapters.postgres.corrections import PostgresCorrections
from service.adapters.postgres.delivered import PostgresDelivered
from service.adapters.postgres.documents import ALERTS, CONTRIBUTIONS, NOTICES
from service.adapters.postgres.erasing import ERASURES, read_erasure
from service.adapters.postgres.heads import PostgresHeads
from service.adapters.postgres.lives import PostgresLives
from service.adapters.postgres.loop import count_loop
from service.adapters.postgres.muting import KeptSilences, muters
from service.adapters.postgres.outcomes import count_endings, review_outcomes
from service.adapters.postgres.persons import hearsay
from service.adapters.postgres.pool import Pool
from service.adapters.postgres.queues import PostgresQueues
from service.adapters.postgres.reading import read_feedback, read_member
from service.adapters.postgres.scores import count, count_cases, heard_until
from service.adapters.postgres.session import lent
from service.adapters.postgres.silences import PostgresSilences
from service.core.contracts.digest import Digest
from service.core.noise import EndingTally, ReviewOutcome, Span
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.decisions import Contribution, PartKey
from service.core.records.erasing import Erasure
from service.core.records.facts import FeedbackRow, ReviewRow
from service.core.records.feedback import Rejected
from service.core.records.identities import Hearsay, IdentityRule
from service.core.records.muting import Muters
from service.core.records.words import Severity, Stage
from service.core.scorecard import CasesTallied, Cohort, Looped, LoopTallied, Sample, Tallied
from service.ports import DeadLetter, DigestPlace, ErasurePlace, Letter, ReviewPlace, Shelved

# Count the open alerts of each team.
_OPEN_COUNTS = "SELECT team, severity, count(*) AS alerts FROM alert WHERE state = 'open' GROUP BY team, severity"

# Read an alert.
_ALERT = "SELECT doc FROM alert WHERE alert_id = $1"

# Read a page of an alert's members with the feedback of each; a feedback that came twice is shown as it was last.
_MEMBERS = """
SELECT m.*, f.received_at, f.version, f.document, f.explanation FROM member m
LEFT JOIN LATERAL (
  SELECT received_at, version, document, explanation FROM feedback
  WHERE source = m.source AND event_id = m.event_id ORDER BY received_at DESC LIMIT 1) f ON true
WHERE m.alert_id = $1 AND ($2::text IS NULL OR
  (m.source, m.subject, m.part) > ($2::text COLLATE "C", $3::text COLLATE "C", $4::text COLLATE "C"))
ORDER BY m.source, m.subject, m.part LIMIT $5
"""

# Read a page of an alert's notices.
_NOTICES = "SELECT doc FROM notice WHERE alert_id = $1 AND revision > $2 ORDER BY revision LIMIT $3"

# Read a page of what a team read in one go, the latest first.
_DIGESTS = """
SELECT document FROM digest
WHERE team = $1 AND ($2::timestamptz IS NULL OR at < $2 OR (at = $2 AND digest_id > $3::text COLLATE "C"))
ORDER BY at DESC, digest_id LIMIT $4
"""

# Find one feedback.
_EXPLANATION = """
SELECT source, event_id, received_at, version, document, explanation FROM feedback
WHERE source = $1 AND event_id = $2 ORDER BY received_at DESC LIMIT 1
"""

# Find an identity.
_ADMITTED = "SELECT 1 FROM event_identity WHERE source = $1 AND id = $2"

# Read the memberships of a subject.
_HOMES = "SELECT * FROM member WHERE source = $1 AND subject = $2 ORDER BY part, alert_id"

# Read the state of a subject, and what an event remarked on it.
_PARTS = "SELECT doc FROM contribution WHERE source = $1 AND subject = $2 AND part IN ('', $3)"

# Read the reviews about which something is left to do or to prove.
_AGENDA = """
SELECT doc FROM alert WHERE on_agenda AND kind IN ('volume', 'recontact')
ORDER BY state, rank DESC, last_seen DESC, alert_id LIMIT $1
"""

# Read a page of what ticks found, the newest window first.
_REVIEWS = """
SELECT ends_at, alert_id, document FROM review
WHERE $1::timestamptz IS NULL OR ends_at < $1 OR (ends_at = $1 AND
  (process, category, region, measure) >
  ($2::text COLLATE "C", $3::text COLLATE "C", $4::text COLLATE "C", $5::text COLLATE "C"))
ORDER BY ends_at DESC, process, category, region, measure LIMIT $6
"""

# Read a page of dead letters, the latest first.
_DEAD_LETTERS = "SELECT * FROM dead_letter WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2"

# Read a dead letter.
_DEAD_LETTER = "SELECT * FROM dead_letter WHERE id = $1"

# List playbooks.
_PLAYBOOKS = "SELECT digest, name, activated_at, active FROM playbook ORDER BY activated_at DESC LIMIT $1"


class PostgresDesk(
    PostgresSilences,
    PostgresLives,
    PostgresCauses,
    PostgresCorrections,
    PostgresActs,
    PostgresHeads,
    PostgresQueues,
    PostgresDelivered,
):
    """Implements Desk."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open_counts(self) -> Mapping[str, Mapping[Severity, int]]:
        found: dict[str, dict[Severity, int]] = {}
        for row in await self._fetch(_OPEN_COUNTS):
            found.setdefault(row["team"], {})[Severity(row["severity"])] = row["alerts"]
        return found

    async def alert(self, alert_id: str) -> Alert | None:
        rows = await self._fetch(_ALERT, alert_id)
        return ALERTS.read(rows[0]["doc"]) if rows else None

    async def muters(self) -> Muters:
        async with lent(self._pool) as session:
            return (await muters(session, KeptSilences(), []))[0]

    async def members(
        self, alert_id: str, after: PartKey | None, limit: int
    ) -> Sequence[tuple[Member, FeedbackRow | None]]:
        place = (after.source, after.subject, after.part) if after is not None else (None, None, None)
        rows = await self._fetch(_MEMBERS, alert_id, *place, limit)
        return [(read_member(row), read_feedback(row) if row["document"] is not None else None) for row in rows]

    async def notices(self, alert_id: str, after: int, limit: int) -> Sequence[Notice]:
        return [NOTICES.read(row["doc"]) for row in await self._fetch(_NOTICES, alert_id, after, limit)]

    async def digests(self, team: str, after: DigestPlace | None, limit: int) -> Sequence[Digest]:
        place = (after.at, after.digest_id) if after is not None else (None, None)
        return [Digest.model_validate_json(row["document"]) for row in await self._fetch(_DIGESTS, team, *place, limit)]

    async def explanation(self, source: str, event_id: str) -> FeedbackRow | None:
        rows = await self._fetch(_EXPLANATION, source, event_id)
        return read_feedback(rows[0]) if rows else None

    async def admitted(self, source: str, event_id: str) -> bool:
        return bool(await self._fetch(_ADMITTED, source, event_id))

    async def homes(self, source: str, subject: str) -> Sequence[Member]:
        return [read_member(row) for row in await self._fetch(_HOMES, source, subject)]

    async def contribution(self, source: str, subject: str, event_id: str) -> Contribution | None:
        found = [CONTRIBUTIONS.read(row["doc"]) for row in await self._fetch(_PARTS, source, subject, event_id)]
        return next((one for one in found if one.feedback.event_id == event_id), None)

    async def reviews(self, after: ReviewPlace | None, limit: int) -> Sequence[ReviewRow]:
        place: tuple[object, ...] = (None,) * 5
        if after is not None:
            place = (after.ends_at, after.process, after.category, after.region, after.measure.value)
        return [
            ReviewRow(ends_at=row["ends_at"], alert_id=row["alert_id"], document=orjson.loads(row["document"]))
            for row in await self._fetch(_REVIEWS, *place, limit)
        ]

    async def agenda(self, limit: int) -> Sequence[Alert]:
        return [ALERTS.read(row["doc"]) for row in await self._fetch(_AGENDA, limit)]

    async def dead_letters(self, before: int | None, limit: int) -> Sequence[Letter]:
        return [_letter(row) for row in await self._fetch(_DEAD_LETTERS, before, limit)]

    async def dead_letter(self, number: int) -> Letter | None:
        rows = await self._fetch(_DEAD_LETTER, number)
        return _letter(rows[0]) if rows else None

    async def erasures(self, after: ErasurePlace | None, limit: int) -> Sequence[Erasure]:
        place = (None, None) if after is None else (after.at, after.erasure_id)
        return [read_erasure(row) for row in await self._fetch(ERASURES, *place, limit)]

    async def playbooks(self, limit: int) -> Sequence[Shelved]:
        rows = await self._fetch(_PLAYBOOKS, limit)
        return [
            Shelved(digest=row["digest"], name=row["name"], activated_at=row["activated_at"], active=row["active"])
            for row in rows
        ]

    async def scores(self, sample: Sample) -> Tallied:
        async with lent(self._pool) as session:
            return await count(session, sample)

    async def cases(self, cohort: Cohort) -> CasesTallied:
        async with lent(self._pool) as session:
            return await count_cases(session, cohort)

    async def loop(self, asked: Looped) -> LoopTallied:
        async with lent(self._pool) as session:
            return await count_loop(session, asked)

    async def heard_until(self) -> datetime | None:
        async with lent(self._pool) as session:
            return await heard_until(session)

    async def endings(self, span: Span) -> Sequence[EndingTally]:
        async with lent(self._pool) as session:
            return await count_endings(session, span)

    async def review_outcomes(self, span: Span, limit: int) -> Sequence[ReviewOutcome]:
        async with lent(self._pool) as session:
            return await review_outcomes(session, span, limit)

    async def hearsay(self, refs: Collection[str], rule: IdentityRule) -> Hearsay:
        async with lent(self._pool) as session:
            return await hearsay(session, refs, rule)

    async def _fetch(self, statement: str, *arguments: object) -> list[asyncpg.Record]:
        async with lent(self._pool) as session:
            return await session.fetch(statement, *arguments)


def _letter(row: asyncpg.Record) -> Letter:
    letter = DeadLetter(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["offset"],
        item=row["item"],
        rejected=Rejected(stage=Stage(row["stage"]), reason=row["reason"], detail=row["detail"]),
        sha256=row["sha256"],
        length=row["length"],
        key=row["key"],
        payload=row["payload"],
        at=row["at"],
    )
    return Letter(number=row["id"], letter=letter)
