"""The notices of a transaction -> the digests in which some of them are read.

What was held for the daily digest is always read there. What was muted is read in one summary where it comes out for a
team at one time, for one cause, and there is more than one of it.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from service.core.digest import Entry, compose, digest_record
from service.core.identity import digest_id
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Notice
from service.core.records.facts import DigestRow, Facts
from service.core.records.words import DigestReason, NoticeReason, Wait


def summarise(facts: Facts, rules: Rules) -> None:
    """Name the digest of each notice that is read in one, and leave the digests in `facts`."""
    groups: dict[tuple[str, object, DigestReason], list[int]] = {}
    for place, one in enumerate(facts.notices):
        why = _why(one)
        if why is not None and one.digest_id is None:
            groups.setdefault((one.team, one.at, why), []).append(place)
    for (team, _, why), places in groups.items():
        if why is not DigestReason.DAILY and len(places) == 1:
            continue
        first = facts.notices[places[0]]
        name = digest_id(team, first.at, why, f"{first.alert.alert_id}:{first.revision}")
        for place in places:
            facts.notices[place] = replace(facts.notices[place], digest_id=name)
        facts.digests.append(_row(name, why, [facts.notices[place] for place in places], rules))


def _why(notice: Notice) -> DigestReason | None:
    if notice.reason is NoticeReason.DIGEST:
        return DigestReason.DAILY
    if notice.reason is not NoticeReason.UNMUTED:
        return None
    quiet = notice.held is not None and notice.held.why is Wait.QUIET_HOURS
    return DigestReason.QUIET_HOURS_OVER if quiet else DigestReason.UNMUTED


def _row(name: str, why: DigestReason, notices: Sequence[Notice], rules: Rules) -> DigestRow:
    first = notices[0]
    digest = compose([_entry(one, rules) for one in notices])
    record = digest_record(digest, digest_id=name, team=first.team, at=first.at, reason=why, playbook=rules.digest)
    return DigestRow(digest_id=name, team=first.team, at=first.at, reason=why, record=record)


def _entry(notice: Notice, rules: Rules) -> Entry:
    alert = notice.alert
    return Entry(
        alert_id=alert.alert_id,
        revision=notice.revision,
        reason=notice.reason,
        severity=alert.severity,
        kind=alert.kind,
        level=alert.level,
        process=rules.processes.get(alert.process, alert.process),
        category=rules.labels.get(alert.category, alert.category),
        title=notice.title,
        events=alert.events,
        customers=alert.customers,
        excerpts=tuple(one.text for one in alert.excerpts),
        state=alert.state,
        first_seen=alert.first_seen,
        last_seen=alert.last_seen,
    )
