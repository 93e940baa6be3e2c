"""The desk and somebody who asks -> the desk as it is to them.

Another team's alerts, and what is theirs alone, are not there; what belongs to no team is refused to who has not all of
them. An event is there where the team that it went to, or one whose alert holds it, is: so a team that was given an
alert sees what is in it. A page of another team's cursor is a page of one's own, since no cursor names a team.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from service.api.needs import refusal
from service.api.reach.unquoted import (
    unquoted_alert,
    unquoted_contribution,
    unquoted_correction,
    unquoted_letter,
    unquoted_row,
)
from service.core.access import Denial, Permission, Principal
from service.core.cause import Compared, Gathered, VersionsAsked, VersionTally
from service.core.contracts.digest import Digest
from service.core.corrections import Filings
from service.core.erase.told import without_quotes
from service.core.noise import EndingTally, ReviewOutcome, Span
from service.core.records.alerts import Alert, Member, Notice
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution, PartKey
from service.core.records.deliveries import ChannelState, Listed
from service.core.records.erasing import Erasure
from service.core.records.facts import FeedbackRow, ReviewRow
from service.core.records.handling import Act
from service.core.records.identities import Hearsay, IdentityRule
from service.core.records.muting import Hidden, Muters, Silence
from service.core.records.words import Severity
from service.core.scorecard import CasesTallied, Cohort, Looped, LoopTallied, Sample, Tallied
from service.ports import (
    ChannelCounts,
    CorrectionPlace,
    CorrectionsWanted,
    DeliveriesWanted,
    Desk,
    DigestPlace,
    ErasurePlace,
    Head,
    Known,
    Letter,
    Previewed,
    QueuePlace,
    ReviewPlace,
    Shelved,
    SilencePlace,
    SilencesWanted,
    Wanted,
)

# Of an instance so much is looked through for what is a team's own.
_MOST_LINKED = 1_000


class ReachedDesk(Desk):
    """Implements Desk. `denied` is told of each look at what is another team's."""

    def __init__(self, desk: Desk, who: Principal, denied: Callable[[Denial], Awaitable[None]]) -> None:
        self._desk, self._who, self._denied = desk, who, denied
        self._quotes = who.may(Permission.READ_VERBATIMS)

    async def open_counts(self) -> Mapping[str, Mapping[Severity, int]]:
        counts = await self._desk.open_counts()
        return {team: count for team, count in counts.items() if self._who.sees(team)}

    async def queue(self, wanted: Wanted, after: QueuePlace | None, limit: int) -> Sequence[Alert]:
        if not self._who.sees(wanted.team):
            return []
        return [self._alert(one) for one in await self._desk.queue(wanted, after, limit)]

    async def alert(self, alert_id: str) -> Alert | None:
        found = await self._desk.alert(alert_id)
        if found is None:
            return None
        if not self._who.sees(found.team):
            await self._denied(Denial.OTHER_TEAM)
            return None
        return self._alert(found)

    async def muters(self) -> Muters:
        return await self._desk.muters()

    async def members(
        self, alert_id: str, after: PartKey | None, limit: int
    ) -> Sequence[tuple[Member, FeedbackRow | None]]:
        if not await self._sees_alert(alert_id):
            return []
        page = await self._desk.members(alert_id, after, limit)
        return [(member, None if row is None else self._row(row)) for member, row in page]

    async def notices(self, alert_id: str, after: int, limit: int) -> Sequence[Notice]:
        if not await self._sees_alert(alert_id):
            return []
        page = await self._desk.notices(alert_id, after, limit)
        return [replace(one, alert=self._alert(one.alert)) for one in page]

    async def acts(self, alert_id: str, after: int, limit: int) -> Sequence[Act]:
        return await self._desk.acts(alert_id, after, limit) if await self._sees_alert(alert_id) else []

    async def heads(self, known: Mapping[str, Mapping[str, str]], limit: int) -> Mapping[str, Sequence[Head]]:
        own = {team: marks for team, marks in known.items() if self._who.sees(team)}
        found = await self._desk.heads(own, limit)
        return {team: [self._head(one) for one in found.get(team, ())] for team in known}

    async def digests(self, team: str, after: DigestPlace | None, limit: int) -> Sequence[Digest]:
        if not self._who.sees(team):
            return []
        page = await self._desk.digests(team, after, limit)
        return page if self._quotes else [without_quotes(one) for one in page]

    async def explanation(self, source: str, event_id: str) -> FeedbackRow | None:
        row = await self._desk.explanation(source, event_id)
        return self._row(row) if row is not None and await self._sees_row(row) else None

    async def admitted(self, source: str, event_id: str) -> bool:
        # An event without a row has no team, and so is there for those alone who have all of them.
        return self._who.teams is None and await self._desk.admitted(source, event_id)

    async def homes(self, source: str, subject: str) -> Sequence[Member]:
        homes = await self._desk.homes(source, subject)
        return [one for one in homes if await self._sees_alert(one.alert_id)]

    async def contribution(self, source: str, subject: str, event_id: str) -> Contribution | None:
        found = await self._desk.contribution(source, subject, event_id)
        if found is None or await self.explanation(source, event_id) is None:
            return None
        return found if self._quotes else unquoted_contribution(found)

    async def reviews(self, after: ReviewPlace | None, limit: int) -> Sequence[ReviewRow]:
        return await self._whole().reviews(after, limit)

    async def agenda(self, limit: int) -> Sequence[Alert]:
        return [self._alert(one) for one in await self._desk.agenda(limit) if self._who.sees(one.team)]

    async def deliveries(self, wanted: DeliveriesWanted, before: int | None, limit: int) -> Sequence[Listed]:
        return await self._whole().deliveries(wanted, before, limit)

    async def delivery(self, delivery_id: str) -> Listed | None:
        return await self._whole().delivery(delivery_id)

    async def channel_states(self) -> Mapping[str, ChannelState]:
        return await self._whole().channel_states()

    async def channel_counts(self) -> Mapping[str, ChannelCounts]:
        return await self._whole().channel_counts()

    async def dead_letters(self, before: int | None, limit: int) -> Sequence[Letter]:
        page = await self._whole().dead_letters(before, limit)
        return page if self._quotes else [unquoted_letter(one) for one in page]

    async def dead_letter(self, number: int) -> Letter | None:
        found = await self._whole().dead_letter(number)
        return found if found is None or self._quotes else unquoted_letter(found)

    async def playbooks(self, limit: int) -> Sequence[Shelved]:
        return await self._desk.playbooks(limit)

    async def scores(self, sample: Sample) -> Tallied:
        return await self._whole().scores(sample)

    async def cases(self, cohort: Cohort) -> CasesTallied:
        return await self._whole().cases(cohort)

    async def loop(self, asked: Looped) -> LoopTallied:
        return await self._whole().loop(asked)

    async def heard_until(self) -> datetime | None:
        return await self._whole().heard_until()

    async def endings(self, span: Span) -> Sequence[EndingTally]:
        return await self._whole().endings(span)

    async def review_outcomes(self, span: Span, limit: int) -> Sequence[ReviewOutcome]:
        return await self._whole().review_outcomes(span, limit)

    async def silences(self, wanted: SilencesWanted, after: SilencePlace | None, limit: int) -> Sequence[Silence]:
        return await self._whole().silences(wanted, after, limit)

    async def silence(self, silence_id: str, since: datetime) -> Silence | None:
        return await self._whole().silence(silence_id, since)

    async def hidden(self, muters: Sequence[str], since: datetime) -> Mapping[str, Hidden]:
        return await self._desk.hidden(muters, since)

    async def preview(
        self, matchers: Mapping[str, tuple[str, ...]], since: datetime, *, including_critical: bool
    ) -> Previewed:
        return await self._whole().preview(matchers, since, including_critical=including_critical)

    async def instance(self, instance_id: str, *, steps: int, linked: int) -> Known | None:
        if self._who.teams is None:
            known = await self._desk.instance(instance_id, steps=steps, linked=linked)
            return known if known is None or self._quotes else _unquoted(known)
        known = await self._desk.instance(instance_id, steps=steps, linked=_MOST_LINKED)
        if known is None:
            return None
        own = tuple(one for one in known.linked if self._who.sees(one.routed.owner.team))
        if not own:
            await self._denied(Denial.OTHER_TEAM)
            return None
        known = replace(known, linked=own[:linked], linked_total=len(own))
        return known if self._quotes else _unquoted(known)

    async def gathered(self, asked: Compared) -> Gathered:
        return await self._desk.gathered(asked)

    async def versions(self, asked: VersionsAsked) -> Sequence[VersionTally]:
        return await self._whole().versions(asked)

    async def hearsay(self, refs: Collection[str], rule: IdentityRule) -> Hearsay:
        return await self._whole().hearsay(refs, rule)

    async def corrections(
        self, wanted: CorrectionsWanted, after: CorrectionPlace | None, limit: int
    ) -> Sequence[Correction]:
        page = await self._whole().corrections(wanted, after, limit)
        return page if self._quotes else [unquoted_correction(one) for one in page]

    async def filings(self, since: datetime, until: datetime) -> Filings:
        return await self._whole().filings(since, until)

    async def confirmed(self, since: datetime | None, limit: int) -> Sequence[Contribution]:
        page = await self._whole().confirmed(since, limit)
        return page if self._quotes else [unquoted_contribution(one) for one in page]

    async def erasures(self, after: ErasurePlace | None, limit: int) -> Sequence[Erasure]:
        return await self._whole().erasures(after, limit)

    def _whole(self) -> Desk:
        """Return what belongs to no team.

        Raises:
            Problem: they have not all of them.
        """
        if self._who.teams is not None:
            raise refusal(Denial.NOT_ALL_TEAMS)
        return self._desk

    async def _sees_alert(self, alert_id: str) -> bool:
        if self._who.teams is None:
            return True
        found = await self._desk.alert(alert_id)
        return found is not None and self._who.sees(found.team)

    async def _sees_row(self, row: FeedbackRow) -> bool:
        document = row.document
        if self._who.teams is None or (document["team"] is not None and self._who.sees(document["team"])):
            return True
        homes = await self._desk.homes(row.source, document["subject"])
        for one in homes:
            if one.event_id == row.event_id and await self._sees_alert(one.alert_id):
                return True
        await self._denied(Denial.OTHER_TEAM)
        return False

    def _alert(self, alert: Alert) -> Alert:
        return alert if self._quotes else unquoted_alert(alert)

    def _head(self, head: Head) -> Head:
        return head if head.alert is None else replace(head, alert=self._alert(head.alert))

    def _row(self, row: FeedbackRow) -> FeedbackRow:
        return row if self._quotes else unquoted_row(row)


def _unquoted(known: Known) -> Known:
    return replace(known, linked=tuple(unquoted_contribution(one) for one in known.linked))
