"""A notice, digest or acknowledgement and the channels of its team -> what each channel is to be told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.core.identity import idempotency_key
from service.core.playbook.channels import ChannelUse
from service.core.playbook.model import Playbook
from service.core.records.alerts import Alert, Notice
from service.core.records.deliveries import Delivery
from service.core.records.facts import DigestRow
from service.core.records.words import ChannelKind, NoticeReason, Severity, Tiding

_ENDINGS = (NoticeReason.RESOLVED, NoticeReason.WITHDRAWN)
# Who keeps something open for an alert, and has to hear that it is another team's.
_KEEPERS = (ChannelKind.SLACK, ChannelKind.PAGERDUTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenUse:
    """How a team uses a channel; without `excerpts` no quote of a customer goes there."""

    use: ChannelUse
    kind: ChannelKind
    excerpts: bool

    @property
    def channel(self) -> str:
        return str(self.use.channel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payloads:
    """The message of the queue as JSON, and the same without quotes."""

    whole: str
    unquoted: str

    def of(self, use: ChosenUse) -> str:
        return self.whole if use.excerpts else self.unquoted


def uses_of(playbook: Playbook) -> Mapping[str, tuple[ChosenUse, ...]]:
    """Return the uses of each team that has any."""
    channels = {one.id: one for one in playbook.channels}
    found = {
        str(team.id): tuple(
            ChosenUse(use=use, kind=ChannelKind(channels[use.channel].kind), excerpts=channels[use.channel].excerpts)
            for use in team.channels
        )
        for team in playbook.teams
    }
    return {team: uses for team, uses in found.items() if uses}


def of_notice(notice: Notice, uses: Sequence[ChosenUse], payloads: Payloads) -> Iterator[Delivery]:
    """What is read in a digest goes by itself only to programs, and its end to who keeps an incident open for it."""
    ending = notice.reason in _ENDINGS
    for one in uses:
        if notice.digest_id is not None and one.kind is not ChannelKind.WEBHOOK and not _ends(one, notice):
            continue
        if ending or (_wanted(one.use.reasons, notice.reason) and _reaches(one, notice.alert.severity)):
            yield _delivery(one, notice, Tiding.NOTICE, notice.team, payloads.of(one), ending=ending)


def of_digest(row: DigestRow, uses: Sequence[ChosenUse], payloads: Payloads) -> Iterator[Delivery]:
    """An incident is of one alert, so that no digest goes to PagerDuty."""
    key = str(row.record.idempotency_key)
    for one in uses:
        worst = max((severity.rank for severity in row.record.totals.severities), default=0)
        if one.kind is ChannelKind.PAGERDUTY or not one.use.digests or worst < one.use.min_severity.rank:
            continue
        yield Delivery(
            delivery_id=f"{key}:{one.channel}",
            key=key,
            channel=one.channel,
            team=row.team,
            tiding=Tiding.DIGEST,
            thread=row.digest_id,
            revision=1,
            payload=payloads.of(one),
            not_before=row.at,
        )


def of_handover(
    notice: Notice, former: Sequence[ChosenUse], present: Sequence[ChosenUse], payload: str
) -> list[Delivery]:
    """Tell the channels of the team that had the alert that it need not look any more; `payload` has no quotes."""
    if notice.reason is not NoticeReason.OWNER_CHANGED:
        return []
    staying = {one.channel for one in present}
    return [
        _delivery(one, notice, Tiding.HANDED_OVER, notice.team, payload, ending=True)
        for one in former
        if one.kind in _KEEPERS and one.channel not in staying
    ]


def of_acknowledgement(before: Alert | None, alert: Alert, uses: Sequence[ChosenUse], now: datetime) -> list[Delivery]:
    """Have incidents acknowledged when somebody has taken the alert here."""
    if alert.acked_until is None or (before is not None and before.acked_until == alert.acked_until):
        return []
    key = f"{alert.alert_id}:{alert.revision}:ack:{int(alert.acked_until.timestamp())}"
    return [
        Delivery(
            delivery_id=f"{key}:{one.channel}",
            key=key,
            channel=one.channel,
            team=alert.team,
            tiding=Tiding.ACKNOWLEDGED,
            thread=alert.alert_id,
            revision=alert.revision,
            payload="{}",
            not_before=now,
            ending=True,
        )
        for one in uses
        if one.kind is ChannelKind.PAGERDUTY
    ]


def of_test(channel: str, team: str, test_id: str, now: datetime) -> Delivery:
    """Make a message that says that it is a test."""
    return Delivery(
        delivery_id=f"{test_id}:1:{channel}",
        key=f"{test_id}:1",
        channel=channel,
        team=team,
        tiding=Tiding.TEST,
        thread=test_id,
        revision=1,
        payload="{}",
        not_before=now,
    )


def _delivery(one: ChosenUse, notice: Notice, tiding: Tiding, team: str, payload: str, *, ending: bool) -> Delivery:
    key = idempotency_key(notice.alert.alert_id, notice.revision)
    return Delivery(
        delivery_id=f"{key}:{one.channel}",
        key=key,
        channel=one.channel,
        team=team,
        tiding=tiding,
        thread=notice.alert.alert_id,
        revision=notice.revision,
        payload=payload,
        not_before=notice.at,
        ending=ending,
    )


def _ends(one: ChosenUse, notice: Notice) -> bool:
    return one.kind is ChannelKind.PAGERDUTY and notice.reason in _ENDINGS


def _wanted(reasons: Sequence[NoticeReason], reason: NoticeReason) -> bool:
    return not reasons or reason in reasons


def _reaches(one: ChosenUse, severity: Severity) -> bool:
    return severity.rank >= one.use.min_severity.rank
