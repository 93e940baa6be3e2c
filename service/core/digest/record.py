"""A digest -> the record that its team's queue gets."""

from datetime import datetime

from service.core.contracts import digest as contract
from service.core.contracts.notice import Counts
from service.core.digest.parts import Digest, Entry, Group, Totals
from service.core.digest.wording import text
from service.core.records.words import DigestReason, Severity


def digest_record(
    digest: Digest, *, digest_id: str, team: str, at: datetime, reason: DigestReason, playbook: str
) -> contract.Digest:
    """Say it under `digest_id`, which is its idempotency key too; `playbook` is the digest of the playbook."""
    more = digest.more
    return contract.Digest(
        idempotency_key=digest_id,
        digest_id=digest_id,
        team=team,
        at=at,
        reason=reason,
        totals=_totals(digest.totals),
        groups=tuple(map(_group, digest.groups)),
        more=None if more is None else contract.DigestMore(groups=more.groups, totals=_totals(more.totals)),
        text=text(digest),
        playbook=playbook,
    )


def _group(group: Group) -> contract.DigestGroup:
    return contract.DigestGroup(
        process=group.process,
        category=group.category,
        severity=group.severity,
        totals=_totals(group.totals),
        alerts=tuple(map(_alert, group.alerts)),
        excerpts=tuple(contract.DigestExcerpt(text=quote.text, said=quote.said) for quote in group.quotes),
    )


def _alert(entry: Entry) -> contract.DigestAlert:
    return contract.DigestAlert(
        alert_id=entry.alert_id,
        revision=entry.revision,
        reason=entry.reason,
        state=entry.state,
        severity=entry.severity,
        kind=entry.kind,
        level=entry.level,
        title=entry.title,
        counts=Counts(events=entry.events, customers=entry.customers),
        first_seen=entry.first_seen,
        last_seen=entry.last_seen,
    )


def _totals(totals: Totals) -> contract.DigestTotals:
    return contract.DigestTotals(
        alerts=totals.alerts,
        over=totals.over,
        events=totals.events,
        customers=totals.customers,
        severities={severity: count for severity, count in zip(Severity, totals.severities, strict=True) if count},
    )
