"""The rows in memory -> what happened to process instances, and what was said of them."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from service.adapters.memory.store import MemoryStore
from service.core.records.decisions import Contribution
from service.core.records.steps import Step
from service.ports import Span, Tracked


class MemoryTracks:
    """Implements Tracks over the rows of a store."""

    def __init__(self, store: MemoryStore) -> None:
        self._rows = store.rows

    async def steps(self, span: Span) -> AsyncIterator[Step]:
        for step in sorted(self._steps(span), key=lambda one: (one.at, *one.key)):
            yield step

    async def complaints(self, span: Span) -> AsyncIterator[Contribution]:
        for one in sorted(self._complaints(span), key=lambda each: (each.began_at, each.key)):
            yield one

    async def instances(self, span: Span) -> AsyncIterator[Tracked]:
        for tracked in self._instances(span):
            yield tracked

    async def customers(self, span: Span) -> AsyncIterator[str]:
        for name in sorted(filter(None, {one.feedback.customer for one in self._complaints(span)})):
            yield name

    async def tickets(self, span: Span) -> AsyncIterator[str]:
        for name in sorted(filter(None, {one.feedback.keys.ticket for one in self._complaints(span)})):
            yield name

    async def teams(self, span: Span) -> AsyncIterator[str]:
        owners = {one.routed.owner.team for one in self._complaints(span)}
        for name in sorted(filter(None, {*owners, *(step.team for step in self._steps(span))})):
            yield name

    def _instances(self, span: Span) -> Iterator[Tracked]:
        named: dict[str, str] = {}
        for name, process in (
            *((step.instance_id, step.process) for step in self._steps(span)),
            *((one.link.instance_id, one.process) for one in self._complaints(span)),
        ):
            if name is not None:
                named[name] = min(process, named.get(name, process))
        for name, process in sorted(named.items()):
            known = self._rows.instances.get(name)
            yield Tracked(instance_id=name, process=known.process if known else process, known=known)

    def _steps(self, span: Span) -> Iterator[Step]:
        held = (step for steps in self._rows.steps.values() for step in steps.values())
        return (step for step in held if not step.withdrawn and _is_in(span, step.process, step.at))

    def _complaints(self, span: Span) -> Iterator[Contribution]:
        held = (one for one in self._rows.contributions.values() if one.assessed.negative)
        return (one for one in held if _is_in(span, one.process, one.began_at))


def _is_in(span: Span, process: str, at: datetime) -> bool:
    return (
        span.process in (None, process)
        and (span.since is None or at >= span.since)
        and (span.until is None or at < span.until)
    )
