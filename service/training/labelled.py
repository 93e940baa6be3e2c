"""One line of LABELLED, as read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A redacted text with what people said of it: `labels` are ids, the primary first; none says out of scope.

    `severity` is 0..100, `sentiment` -1..1, each None where nobody said; lines of one `group` tell of one thing, as
    translations do; `number` is its line in the file.
    """

    id: str
    text: str
    language: str = "und"
    question: str = ""
    labels: tuple[str, ...] = ()
    severity: float | None = None
    sentiment: float | None = None
    group: str = ""
    number: int = 0
