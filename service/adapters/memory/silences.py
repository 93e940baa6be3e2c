"""The rows in memory -> the silences that the API reads, what they hide, and what one would have hidden."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from service.adapters.memory.muting import hidden, is_counted, who_of
from service.adapters.memory.rows import Rows
from service.core.records.alerts import Alert
from service.core.records.muting import Hidden, Silence
from service.core.records.words import AlertKind, AlertState, Severity
from service.core.silence import state_of
from service.ports import (
    CRITICAL_REASONS,
    MOST_EXAMPLES,
    NO_INTERRUPTS,
    Example,
    Part,
    Previewed,
    SilencePlace,
    SilencesWanted,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """What one member, or an alert without any, brought."""

    alert: Alert
    severity: Severity
    who: str | None
    events: int = 1


class MemorySilences:
    """Implements SilencesRead over the rows of a store."""

    _rows: Rows

    async def silences(self, wanted: SilencesWanted, after: SilencePlace | None, limit: int) -> Sequence[Silence]:
        found = [one for one in self._rows.silences.values() if _is_wanted(one, wanted)]
        found.sort(key=lambda one: (-one.created_at.timestamp(), one.silence_id))
        if after is not None:
            place = (-after.created_at.timestamp(), after.silence_id)
            found = [one for one in found if (-one.created_at.timestamp(), one.silence_id) > place]
        return found[:limit]

    async def silence(self, silence_id: str, since: datetime) -> Silence | None:
        found = self._rows.silences.get(silence_id)
        if found is None or found.ended_at is not None:
            return found
        return replace(found, hidden=hidden(self._rows, silence_id, since))

    async def hidden(self, muters: Sequence[str], since: datetime) -> Mapping[str, Hidden]:
        return {name: hidden(self._rows, name, since) for name in muters}

    async def preview(
        self, matchers: Mapping[str, tuple[str, ...]], since: datetime, *, including_critical: bool
    ) -> Previewed:
        matched = [one for one in self._rows.alerts.values() if _matches(one, matchers)]
        came = [one for alert in matched if alert.last_seen > since for one in self._came(alert, since)]
        told = [
            one
            for one in self._rows.notices
            if one.at > since and one.reason not in NO_INTERRUPTS and _matches(one.alert, matchers)
        ]
        passing = [
            one
            for one in told
            if one.reason in CRITICAL_REASONS and one.alert.severity is Severity.CRITICAL and not including_critical
        ]
        still_open = [one for one in matched if one.state is AlertState.OPEN]
        still_open.sort(key=lambda one: (-one.severity.rank, -one.last_seen.timestamp(), one.alert_id))
        return Previewed(
            whole=_part(came),
            worst=_worst(came),
            by_team={
                team: _part([one for one in came if one.alert.team == team])
                for team in sorted({one.alert.team for one in came})
            },
            examples=_examples(came),
            interrupts=len(told) - len(passing),
            passing=len(passing),
            open_now=len(still_open),
            open_examples=still_open[:MOST_EXAMPLES],
        )

    def _came(self, alert: Alert, since: datetime) -> Iterator[_Came]:
        if alert.kind is AlertKind.EVENT:
            for one in self._rows.members.values():
                if one.alert_id == alert.alert_id and self._rows.contributions[one.key].began_at > since:
                    yield _Came(alert=alert, severity=one.severity, who=one.customer)
        elif not is_counted(alert):
            yield _Came(alert=alert, severity=alert.severity, who=None, events=0)
        elif alert.customers > 0:
            yield _Came(alert=alert, severity=alert.severity, who=who_of(alert), events=alert.events)


def _is_wanted(silence: Silence, wanted: SilencesWanted) -> bool:
    return (
        (not wanted.states or state_of(silence, wanted.at) in wanted.states)
        and wanted.author in (None, silence.author)
        and all(value in silence.matchers.get(name, ()) for name, value in wanted.named.items())
    )


def _matches(alert: Alert, matchers: Mapping[str, tuple[str, ...]]) -> bool:
    traits = alert.traits
    return all(traits.get(name, "") in wanted for name, wanted in matchers.items())


def _part(came: Sequence[_Came]) -> Part:
    return Part(
        alerts=len({one.alert.alert_id for one in came}),
        events=sum(one.events for one in came),
        customers=len({one.who for one in came if one.who is not None}),
    )


def _worst(came: Sequence[_Came]) -> Severity:
    return max((one.severity for one in came), key=lambda one: one.rank, default=Severity.INFO)


def _examples(came: Sequence[_Came]) -> list[Example]:
    of_alert: dict[str, list[_Came]] = {}
    for one in came:
        of_alert.setdefault(one.alert.alert_id, []).append(one)
    found = [(_worst(those).rank, _part(those), those[0].alert) for those in of_alert.values()]
    found.sort(key=lambda one: (-one[0], -one[1].customers, one[2].alert_id))
    return [
        Example(alert=alert, events=part.events, customers=part.customers) for _, part, alert in found[:MOST_EXAMPLES]
    ]
