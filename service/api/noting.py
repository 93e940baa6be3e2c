"""What was refused, and who looked at verbatims -> a line of the log, a figure, and the auditor's book."""

import structlog

from service.core.access import Denial
from service.core.records.metrics import Meter
from service.ports import Auditor, Denied, Look

log = structlog.get_logger()
# What anybody can bring about who shows nothing: a book of it could be filled from outside.
_ONLY_COUNTED = frozenset({Denial.NOT_SIGNED_IN, Denial.TOO_MANY_FAILURES, Denial.FOREIGN_ORIGIN})


class Noting:
    """Neither the log nor a figure has an id in it: these are the auditor's alone."""

    def __init__(self, auditor: Auditor, meter: Meter) -> None:
        self._auditor = auditor
        self._meter = meter

    async def denied(self, denied: Denied) -> None:
        self._meter.add("denied_total", denied.denial.value)
        name = None if denied.who is None else denied.who.name
        log.warning("denied", reason=denied.denial.value, who=name, method=denied.method, path=denied.path)
        if denied.who is not None or denied.denial not in _ONLY_COUNTED:
            await self._auditor.note_denial(denied)

    async def looked(self, look: Look) -> None:
        log.info("verbatims", who=look.who.name, path=look.path)
        await self._auditor.note_look(look)
