"""What a classifier is asked about one text, and what it makes of it."""

from collections.abc import Sequence
from typing import Protocol

from msgspec import Struct

from service.core.records.words import Abstained, ModelUse


class Asked(Struct, frozen=True, kw_only=True):
    """A redacted text, the question that it answers (empty where none is known) and its language (`und` likewise)."""

    text: str
    question: str = ""
    language: str = "und"


class Heard(Struct, frozen=True, kw_only=True):
    """What a classifier makes of one text.

    `categories` are up to three ids, the likeliest first, and none where it abstains; `confidence` is the calibrated
    probability of the first, `matched` the words that spoke most for it. `sentiment` is -1..1, `severity` 0..100, each
    None where no head was trained for it.
    """

    categories: tuple[str, ...] = ()
    confidence: float = 0.0
    abstained: Abstained | None = None
    matched: tuple[str, ...] = ()
    sentiment: float | None = None
    severity: float | None = None


class ModelSaid(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the classifier of this digest said of a feedback, in the ids of the taxonomy, and what became of it."""

    model: str
    use: ModelUse
    categories: tuple[str, ...] = ()
    confidence: float = 0.0
    abstained: Abstained | None = None
    matched: tuple[str, ...] = ()


class Classifier(Protocol):
    """A trained classifier: pure, and the same for a text whatever others are asked about with it."""

    @property
    def digest(self) -> str:
        """The sha256 of the whole model, in hexadecimal."""
        ...

    @property
    def categories(self) -> tuple[str, ...]:
        """The ids that it can name."""
        ...

    def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        """Answer in the order asked, best in batches of some hundred."""
        ...
