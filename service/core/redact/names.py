"""Text -> where it names a person: behind a title, in a salutation, as whose text it is, below a closing formula.

A name has a capital, save where a text that is written small says `my name is`. Without one of these cues a name is not
found: a capital alone says nothing, least of all in German.
"""

import re
from collections.abc import Iterable, Sequence

from service.core.redact.cues import Rule, Span
from service.core.redact.shapes import WHOLE_CAPITAL_WORD
from service.core.redact.words import (
    CALLED,
    CLOSINGS,
    INTRODUCTIONS,
    LABELS,
    NO_NAMES,
    PARTIES,
    PERSONS,
    PRESENTATIONS,
    SALUTATIONS,
    SURE_CLOSINGS,
    TITLES,
    WRITTEN_LARGE,
)

_PARTICLES = (
    r"(?:(?:v[ao]n|de[lrn]?|de[lr]l[aeo]|degli|dei|d[aiou]|dos|das|l[ae]s?|los|zu[mr]?|te[rn]|el|al|bin|ibn|ben|y|e|i|"
    r"in[ ]'t|'t|af|av)[ \u00a0]){0,3}"
)
_ONE = rf"{WHOLE_CAPITAL_WORD}(?:\.(?<=\b\w\.))?"
_NAME = rf"{_PARTICLES}{_ONE}(?:[ \u00a0]{{1,2}}{_PARTICLES}{_ONE}){{0,3}}"
_FURTHER_TITLE = r"(?:(?:Dr|Prof|Dott|Dipl|Ing|Sr|Sra|Mag)\b\.?(?:-?\w{2,5}\.?)?(?:ssa)?[ \u00a0]){0,2}"

_TITLED = re.compile(rf"\.?[ \u00a0]{{1,2}}{_FURTHER_TITLE}({_NAME})")
_ADDRESSED = re.compile(rf"[ \u00a0]{{1,2}}({_NAME})(?=[ \u00a0]?(?:[,;:!.\n\u2013-]|$))")
_INTRODUCED = re.compile(rf"[ \u00a0]?:?[ \u00a0]{{0,2}}({_NAME})")
_SMALL = re.compile(
    r"[ \u00a0]([^\W\d_]{2,20}(?:[ \u00a0-][^\W\d_]{2,20})?)"
    r"(?=[ \u00a0]?(?:[,;.!\n]|$)|[ \u00a0](?:and|und|et|y|e|en)\b)"
)
_PRESENTED = re.compile(
    rf"[ \u00a0]({_PARTICLES}{_ONE}(?:[ \u00a0]{_PARTICLES}{_ONE}){{1,3}})"
    r"(?=[ \u00a0]?(?:[,;.!\n]|$)|[ \u00a0](?:and|et|y|e|en|from|here|speaking|calling)\b)"
)
_PARTY = re.compile(rf"[ \u00a0]?:[ \u00a0]{{0,2}}({_PARTICLES}{_ONE}(?:[ \u00a0]{_PARTICLES}{_ONE}){{1,3}})")
_LABELLED = re.compile(rf"[ \u00a0]?:[ \u00a0]{{0,2}}({_NAME})")
_NEXT_LINE = re.compile(
    rf"[ \u00a0]?[,.!:;]?[ \t]{{0,3}}\n[\s>*-]{{0,6}}{_FURTHER_TITLE}"
    rf"({_NAME}|[^\W\d_]{{2,20}}(?:[ ][^\W\d_]{{2,20}}){{0,2}}(?=[ \t.]{{0,3}}(?:\n|$)))"
    r"(?=[ \t]{0,3}(?:[\n,.;|/(\[+\d-]|$))"
)
_SAME_LINE = re.compile(rf"[ \u00a0]?[,.!:;]?[ \t]{{1,3}}{_FURTHER_TITLE}({_NAME})(?=[ \t.!]{{0,3}}(?:\n|$))")
_SAME_LINE_COMMA = re.compile(rf"[ \u00a0]?[,\u2013-][ \t]{{1,3}}({_NAME})(?=[ \t.!]{{0,3}}(?:\n|$))")
_BEGINS = re.compile(
    r"(?:^|[\n.!?,;:\u00bb\"(]|\bname|\bfull|\bfirst|\blast|\bcustomer|\bpatient)[\s>*-]{0,4}\Z", re.IGNORECASE
)
_PERSON = re.compile(rf"\b(?:{'|'.join(PERSONS)})[,]?[ ](?:was[ ]|is[ ]|who[ ]is[ ]|who[ ]was[ ])?\Z", re.IGNORECASE)
# Those of a name hold to the word behind them, whether they are written large or small.
_PARTICLE_WORDS = frozenset(
    (
        *(
            "van",
            "von",
            "de",
            "del",
            "den",
            "der",
            "dell",
            "della",
            "delle",
            "dello",
            "dela",
            "degli",
            "dei",
            "da",
            "di",
            "du",
        ),
        *(
            "do",
            "dos",
            "das",
            "la",
            "las",
            "le",
            "les",
            "los",
            "lo",
            "zu",
            "zum",
            "zur",
            "te",
            "ter",
            "ten",
            "el",
            "al",
            "bin",
        ),
        *("ibn", "ben", "af", "av", "d", "t", "in 't"),
    )
)
_TITLE_WORDS = frozenset(title.strip(".") for title in TITLES)
_LOOK_BACK = 24
_WORDS = re.compile(r"in 't|[^\s\u00a0]+")


def name_rules() -> Sequence[tuple[Rule, Iterable[str]]]:
    return (
        (_titled, TITLES),
        (_addressed, SALUTATIONS),
        (_introduced, INTRODUCTIONS),
        (_called, CALLED),
        (_labelled, LABELS),
        (_presented, PRESENTATIONS),
        (_party, PARTIES),
        (_closing, CLOSINGS),
        (_sure_closing, SURE_CLOSINGS),
    )


def _titled(text: str, start: int, end: int) -> Span | None:
    title = text[start:end]
    if title.islower() and title in WRITTEN_LARGE:
        return None
    return _name(text, _TITLED.match(text, end))


def _addressed(text: str, start: int, end: int) -> Span | None:
    return _beginning(text, start, _name(text, _ADDRESSED.match(text, end)))


def _introduced(text: str, _start: int, end: int) -> Span | None:
    return _name(text, _INTRODUCED.match(text, end)) or _name(text, _SMALL.match(text, end))


def _called(text: str, start: int, end: int) -> Span | None:
    if text[start:end].lower() in ("called", "named") and not _PERSON.search(text, max(0, start - _LOOK_BACK), start):
        return None
    return _name(text, _INTRODUCED.match(text, end))


def _labelled(text: str, start: int, end: int) -> Span | None:
    return _beginning(text, start, _name(text, _LABELLED.match(text, end)))


def _presented(text: str, _start: int, end: int) -> Span | None:
    return _name(text, _PRESENTED.match(text, end), whole=True)


def _party(text: str, start: int, end: int) -> Span | None:
    return _beginning(text, start, _name(text, _PARTY.match(text, end), whole=True))


def _closing(text: str, start: int, end: int) -> Span | None:
    found = _name(text, _NEXT_LINE.match(text, end), whole=True) or _name(text, _SAME_LINE_COMMA.match(text, end))
    return _beginning(text, start, found)


def _sure_closing(text: str, _start: int, end: int) -> Span | None:
    return _name(text, _NEXT_LINE.match(text, end), whole=True) or _name(text, _SAME_LINE.match(text, end))


def _beginning(text: str, start: int, found: Span | None) -> Span | None:
    """Take what was found where its cue begins a sentence, which takes longer to tell than that there is no name."""
    if found is None or start == 0 or _BEGINS.search(text, max(0, start - _LOOK_BACK), start) is not None:
        return found
    return None


def _name(text: str, found: re.Match[str] | None, *, whole: bool = False) -> Span | None:
    """Cut the name where a word begins that is in none; where it must be `whole` such a word says that it is none."""
    if found is None:
        return None
    end = start = found.start(1)
    for word in _WORDS.finditer(text, start, found.end(1)):
        bare = word[0].strip(".'\u2019").lower()
        if bare in _PARTICLE_WORDS:
            continue
        if bare in NO_NAMES or bare in _TITLE_WORDS:
            if whole:
                return None
            break
        end = word.end()
    return None if end == start else (start, end)
