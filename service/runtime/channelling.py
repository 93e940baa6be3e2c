"""What a transaction decided -> what the channels of teams are to be told of it, left in its facts.

It is saved with the notices, so that none is told of to a channel that was not decided, and none is left out.
"""

from datetime import datetime

from msgspec.structs import replace

from service.core import publish
from service.core.deliver import Payloads, of_acknowledgement, of_digest, of_handover, of_notice
from service.core.erase import without_quotes
from service.core.pipeline.rules import Rules
from service.core.records.alerts import Notice
from service.core.records.facts import DigestRow, Facts


def leave_deliveries(facts: Facts, now: datetime, rules: Rules) -> None:
    """Leave the deliveries of notices, digests and acknowledgements in `facts`, in the order in which they must go."""
    if not rules.channels:
        return
    for notice in facts.notices:
        uses = rules.channels.get(notice.team, ())
        before = facts.alerts.loaded(notice.alert.alert_id)
        former = None if before is None or before.announced is None else before.announced.team
        left = rules.channels.get(former, ()) if former not in (None, notice.team) else ()
        if uses or left:
            payloads = _of_notice(notice, rules)
            facts.deliveries += of_handover(notice, left, uses, payloads.unquoted)
            facts.deliveries += of_notice(notice, uses, payloads)
    for row in facts.digests:
        uses = rules.channels.get(row.team, ())
        if uses:
            facts.deliveries += of_digest(row, uses, _of_digest(row))
    for name, alert in facts.alerts.written.items():
        uses = rules.channels.get(alert.team, ())
        facts.deliveries += of_acknowledgement(facts.alerts.loaded(name), alert, uses, now)


def _of_notice(notice: Notice, rules: Rules) -> Payloads:
    unquoted = replace(notice, alert=replace(notice.alert, excerpts=()))
    return Payloads(
        whole=publish.notice_record(notice, rules.digest).decode(),
        unquoted=publish.notice_record(unquoted, rules.digest).decode(),
    )


def _of_digest(row: DigestRow) -> Payloads:
    unquoted = replace(row, record=without_quotes(row.record))
    return Payloads(whole=publish.digest_message(row).decode(), unquoted=publish.digest_message(unquoted).decode())
