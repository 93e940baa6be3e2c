"""What the API refused, and who looked at verbatims -> entries of the audit, each a transaction of its own."""

from collections.abc import Callable
from datetime import datetime

from service.core.access import Principal
from service.core.pipeline.audited import of_denial, of_look
from service.core.records.doer import Doer, Means
from service.ports import Audit, Denied, Look

_UNKNOWN = Doer(name="unknown")


class AuditBook:
    """Implements Auditor: a page that somebody looks at is one entry."""

    def __init__(self, audit: Audit, now: Callable[[], datetime]) -> None:
        self._audit = audit
        self._now = now

    async def note_denial(self, denied: Denied) -> None:
        doer = _UNKNOWN if denied.who is None else _doer(denied.who)
        await self._audit.write(
            of_denial(doer, denied.denial.value, denied.method, denied.path, denied.names, self._now())
        )

    async def note_look(self, look: Look) -> None:
        await self._audit.write(of_look(_doer(look.who), look.path, look.names, self._now()))


def _doer(who: Principal) -> Doer:
    return Doer(name=who.name, role=who.role.value, means=Means.CLAIMED if who.is_shared else Means.PROVED)
