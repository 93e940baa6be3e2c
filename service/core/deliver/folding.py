"""What waits for a channel about one thing, in order -> the message to send now, and those that need not be sent.

Nothing is lost: what is folded into a newer message is there with the reason, and so is the end of an alert of which
the channel never heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.core.records.deliveries import Known, Waiting
from service.core.records.words import ChannelKind, Tiding, Unsent

_OF_ALERTS = (Tiding.NOTICE, Tiding.HANDED_OVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`left_out` has a reason for each that is not sent: at once where nothing is, else once `send` was accepted."""

    send: Waiting | None
    left_out: tuple[tuple[Waiting, Unsent], ...] = ()


def plan(waiting: Sequence[Waiting], kind: ChannelKind, known: Known | None) -> Plan:
    """Say what is to be done with what waits, of which there is at least one."""
    stale = [one for one in waiting if _is_stale(one, kind, known)]
    if stale:
        return Plan(send=None, left_out=tuple((one, Unsent.NEWER_REVISION) for one in stale))
    first = waiting[0]
    if first.delivery.tiding not in _OF_ALERTS:
        if first.delivery.ending and known is None:
            return Plan(send=None, left_out=((first, Unsent.NEVER_TOLD),))
        return Plan(send=first)
    together = _of_alerts(waiting) if kind.folds else [first]
    if known is None and all(one.delivery.ending for one in together):
        return Plan(send=None, left_out=tuple((one, Unsent.NEVER_TOLD) for one in together))
    *older, newest = together
    return Plan(send=newest, left_out=tuple((one, Unsent.NEWER_REVISION) for one in older))


def _is_stale(one: Waiting, kind: ChannelKind, known: Known | None) -> bool:
    """Tell whether the channel knows better already: a dead delivery was tried again after later ones were sent."""
    told = known is not None and known.revision > one.delivery.revision
    return told and kind.folds and one.delivery.tiding in _OF_ALERTS


def _of_alerts(waiting: Sequence[Waiting]) -> list[Waiting]:
    found: list[Waiting] = []
    for one in waiting:
        if one.delivery.tiding not in _OF_ALERTS:
            break
        found.append(one)
    return found
