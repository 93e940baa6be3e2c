"""Corrections, and what teams acted on -> lines of JSON: labelled texts for `train`, or acts for `replay`.

The same rows give the same lines.
"""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from service.core.corrections import CorrectionAct, acts_of, confirmed_lines, labelled_line
from service.core.describe import instant
from service.core.records.corrections import Correction
from service.core.records.renamed import Renamed
from service.ports import CorrectionPlace, CorrectionsRead, CorrectionsWanted, correction_place

MOST_CONFIRMED = 20_000
_PAGE = 500


async def labelled_lines(
    read: CorrectionsRead, since: datetime | None, renamed: Renamed, *, with_confirmed: bool
) -> AsyncIterator[dict[str, Any]]:
    """Yield what people said that a text is about, the latest first, then what teams acted on, of as many at most."""
    async for one in _all(read, CorrectionsWanted(since=since, usable=True)):
        line = labelled_line(one, renamed)
        if line is not None:
            yield line
    if with_confirmed:
        for line in confirmed_lines(await read.confirmed(since, MOST_CONFIRMED), renamed):
            yield line


async def act_lines(read: CorrectionsRead) -> AsyncIterator[dict[str, Any]]:
    """Yield all that was said and taken back, the earliest first."""
    for act in acts_of([one async for one in _all(read, CorrectionsWanted())]):
        yield {
            "at": instant(act.at),
            "source": act.source,
            "subject": act.subject,
            "event_id": act.event_id,
            "categories": None if act.meant is None else list(act.meant),
            "author": act.author,
            "reason": act.reason,
        }


def read_act(line: dict[str, Any]) -> CorrectionAct:
    """Read a line that `act_lines` wrote.

    Raises:
        ValueError: a field is missing, or is of another kind.
    """
    try:
        meant = line["categories"]
        act = CorrectionAct(
            at=datetime.fromisoformat(line["at"]),
            source=str(line["source"]),
            subject=str(line["subject"]),
            event_id=str(line["event_id"]),
            meant=None if meant is None else tuple(map(str, meant)),
            author=str(line["author"]),
            reason=line.get("reason"),
        )
    except (KeyError, TypeError) as fault:
        raise ValueError(str(fault)) from None
    if act.at.tzinfo is None:
        raise ValueError("at")
    return act


async def _all(read: CorrectionsRead, wanted: CorrectionsWanted) -> AsyncIterator[Correction]:
    after: CorrectionPlace | None = None
    while page := await read.corrections(wanted, after, _PAGE):
        for one in page:
            yield one
        after = correction_place(page[-1])
