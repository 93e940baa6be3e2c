"""An act that was refused, and what was told of its alert since -> what has changed, and what can be done about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.api.problems import Kind
from service.api.shown import AlertShown, NoticeShown
from service.console.views.timeline import Moment, since
from service.core.records.words import AlertState

# Of these fields the page writes its own.
_OWN = ("csrf", "key", "revision", "force")
_WHO = "{} has claimed it, and is at work on it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """`again` are the fields to send once more, now that what has changed is seen; None where that would be no use."""

    why: str
    changed: tuple[Moment, ...]
    deed: str
    again: tuple[tuple[str, str], ...] | None


def conflict(
    kind: Kind,
    deed: str,
    sent: Sequence[tuple[str, str]],
    alert: AlertShown,
    notices: Iterable[NoticeShown],
) -> Conflict:
    """Say what stood in the way of a deed that was sent with these fields."""
    seen = next((value for name, value in sent if name == "revision"), "")
    changed = since(notices, int(seen)) if seen.isdecimal() else ()
    forced = kind is Kind.CLAIMED_BY_OTHER
    use = forced or (kind is Kind.STALE_REVISION and (alert.state is AlertState.OPEN or deed == "reopen"))
    fields = (*((name, value) for name, value in sent if name not in _OWN), *((("force", "true"),) if forced else ()))
    why = _WHO.format(alert.claim.by) if forced and alert.claim is not None else kind.title
    return Conflict(why=why, changed=changed, deed=deed, again=fields if use else None)
