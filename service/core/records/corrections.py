"""What people said that feedback is about."""

from datetime import datetime

from msgspec import Struct

from service.core.records.decisions import PartKey
from service.core.records.feedback import Categorised
from service.core.records.words import FeedbackKind


class Correction(Struct, frozen=True, kw_only=True):
    """What a person said that a feedback is about, and what the ladder had `given` it, by the `model` of that digest.

    `meant` has the primary category first, up to three in all; none says that it is about none of the taxonomy's.
    `number` counts the corrections of one part of a subject from 1: one at most is not ended, the last. `text` is the
    redacted excerpt that the contribution keeps, empty once it is erased; `question` is what it answers.
    """

    key: PartKey
    number: int
    event_id: str
    customer: str
    kind: FeedbackKind
    language: str
    question: str
    text: str
    given: Categorised
    model: str | None = None
    meant: tuple[str, ...]
    author: str
    reason: str | None
    at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    @property
    def stands(self) -> bool:
        """Whether nobody has said otherwise since, or taken it back."""
        return self.ended_at is None
