"""What a person says of an event of a timeline, done by the service's own transaction."""

from datetime import timedelta

from service.core.pipeline.refiling import RefiledNow, Refiling
from service.runtime.refiling import refile_within
from tests.builders import SURVEYS, TICKETS, Timeline, finish

_KINDS = {SURVEYS: "response", TICKETS: "ticket"}


def named(subject: str, source: str = SURVEYS) -> str:
    """Return the name of a response or ticket, as the rows have it."""
    return f"{_KINDS[source]}/{subject}"


def say(
    timeline: Timeline,
    at: timedelta,
    subject: str,
    event_id: str,
    *meant: str,
    source: str = SURVEYS,
    back: bool = False,
    by: str = "ana",
) -> RefiledNow:
    """Let somebody say what an event is about, or take back what was said of it."""
    timeline.wait(at)

    async def saying() -> RefiledNow:
        asked = Refiling(
            source=source,
            subject=named(subject, source),
            event_id=event_id,
            by=by,
            meant=None if back else meant,
        )
        async with timeline.store.transaction() as transaction:
            return await refile_within(transaction, asked, timeline.now, timeline.rules)

    return finish(saying())
