"""Lines of JSON -> needles: values that must be nowhere, each with a class by which it is told of.

A needle is compared by its letters and digits alone, folded, so that neither spaces nor case nor punctuation hides it.
One with fewer than five of them is refused, since anything would hold it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import md5, sha256

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.core.text import fold, visible

FEWEST_CHARACTERS = 5
# A longer text may have been cut or redacted in part, so any stretch of it is looked for.
STRETCH = 32
_OTHERS = re.compile(r"[\W_]+")
# Shorter needles would be found within longer numbers and words, so they must stand alone.
_STANDS_ALONE = 12


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for; `kind` is how a finding names it."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Pattern:
    """Folded letters and digits to find, and whether a word must begin and end with them."""

    kind: str
    letters: str
    is_alone: bool


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: str = Field(alias="class", min_length=1, max_length=64)
    value: str = Field(min_length=1)


def read_needles(lines: Iterable[bytes]) -> Iterator[Needle | int]:
    """Read `{"class": ..., "value": ...}` from each line that is not empty; a line at fault gives its number from 1."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError:
            yield number
            continue
        yield Needle(read.kind, read.value) if len(letters(read.value)) >= FEWEST_CHARACTERS else number


def letters(text: str) -> str:
    """Return the folded letters and digits of a text, and nothing else of it."""
    return _OTHERS.sub("", fold(visible(text)))


def patterns(needle: Needle) -> Iterator[Pattern]:
    """Yield what would betray the needle: itself or any stretch of it, and the hashes that anybody could make of it."""
    whole = letters(needle.value)
    for start in range(0, max(1, len(whole) - STRETCH + 1), STRETCH):
        stretch = whole[start : start + STRETCH]
        yield Pattern(needle.kind, stretch, is_alone=len(stretch) < _STANDS_ALONE)
    for written in {needle.value, needle.value.strip(), needle.value.strip().lower()}:
        value = written.encode(errors="surrogatepass")
        for digest in (sha256(value), md5(value, usedforsecurity=False)):
            yield Pattern(needle.kind, digest.hexdigest(), is_alone=False)
