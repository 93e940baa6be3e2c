"""Text as received -> plain, clean, folded text.

Nothing is refused: every function takes any string, lone surrogates and NUL included, and answers in time linear in its
length. The HTML scanner is our own because the standard library's parser is quadratic on unfinished tags (17 seconds
for 40 kB of `<a `) and raises on some declarations; it keeps no stack, so depth costs nothing.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape

# Named for what they do to the line: a paragraph stands apart, a line breaks, a cell is only spaced.
_PARAGRAPHS = frozenset(
    (
        "address", "article", "aside", "blockquote", "dl", "fieldset", "figure", "footer", "form", "h1", "h2", "h3",
        "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
    )
)  # fmt: skip
_LINES = frozenset(
    (
        "br", "caption", "dd", "div", "dt", "figcaption", "legend", "li", "option", "summary", "title", "tr",
    )
)  # fmt: skip
_CELLS = frozenset(("td", "th"))
_DROPPED = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE | re.ASCII) for name in ("script", "style")}

_TAG = re.compile(r"<(?:!--|[!?]|/?([A-Za-z][^\s/>]{0,63})|/)")
_ATTRIBUTE_QUOTE = re.compile(r""">|=[ \t\n\r\f]*(["'])""")
# No code point has that many digits, and int() refuses more than 4300 of them.
_HUGE_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{7,});?")

_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls, soft hyphen, zero-width space and joiner, byte order mark, and what turns the direction of the text round.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A piece that the cut may have left: one ASCII word, and before it the groups with digits that it may belong to.
_CUT_TAIL = re.compile(r"[!-~]*(?:\s{1,3}(?=[!-/:-~]*[0-9])[!-~]+)*")
_TAIL = 80

_MARKS = 30
# No combining mark comes before these, nor is one among the punctuation and signs that they leave out.
_MAY_HAVE_MARKS = re.compile("[\u0300-\u1fff\u20d0-\U0010ffff]")
_MANY_MARKS = re.compile(rf"[^\w\s!-~]{{{_MARKS + 1},}}")

# What is known of characters, more than people of one place write with.
_MOST_CHARACTERS = 4_096
# Thai to Khmer and CJK: scripts that do not put spaces between words.
_UNSPACED = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF),
)  # fmt: skip


def html_to_text(markup: str) -> str:
    """Return what a reader would see, entities decoded, with a blank line between paragraphs.

    Scripts, styles and comments are dropped; a tag or comment that never ends is kept as text. Only for fields that are
    known to hold HTML: in plain text `<jane@example.org>` would pass for a tag.
    """
    parts: list[str] = []
    at = 0
    while (start := markup.find("<", at)) >= 0:
        parts.append(_readable(markup[at:start]))
        tag = _TAG.match(markup, start)
        if tag is None:
            parts.append("<")
            at = start + 1
            continue
        at = _end_of_tag(markup, tag)
        if at < 0:
            at = start
            break
        name = (tag[1] or "").lower()
        parts.append(_spacing(name))
        if name in _DROPPED and markup[start + 1] != "/":
            closing = _DROPPED[name].search(markup, at)
            at = len(markup) if closing is None else closing.start()
    parts.append(_readable(markup[at:]))
    text = re.sub(r" {2,}", " ", "".join(parts))
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def clean(text: str, limit: int) -> str:
    """Return `shorten(visible(text), limit)`: nothing that the eye can not see, and at most `limit` characters."""
    return shorten(visible(text), limit)


def visible(text: str) -> str:
    """Return the text with one kind of line break, U+FFFD for a lone surrogate, and no other control than the tab.

    Zero-width and direction marks go as well: they would hide an address from redaction or a word from its reader. The
    joiners U+200C and U+200D stay, since Persian, Indic scripts and emoji are spelt with them.
    """
    # Line feed, tab and no-break space stay; of all else that is printable none is a line break, invisible or half.
    if text.replace("\n", " ").replace("\t", " ").replace("\u00a0", " ").isprintable():
        return text
    return _SURROGATE.sub("\ufffd", _INVISIBLE.sub("", _NEWLINE.sub("\n", text)))


def shorten(text: str, limit: int) -> str:
    """Return at most `limit` characters, cut back over a broken word and the digit groups before it.

    Half a card number passes no checksum, so redaction would not know it; only the last 80 characters are looked at.
    """
    if len(text) <= limit:
        return text
    kept = text[:limit]
    tail = _CUT_TAIL.match(kept[-_TAIL:][::-1])
    return kept[: len(kept) - tail.end()].rstrip() if tail else kept


def fold(text: str) -> str:
    """Return the form in which words are compared: NFKC, casefold, NFKC; one space for white space; `'` for U+2019.

    Its length may differ from the text. A lone surrogate becomes U+FFFD, so that the result can be encoded. The second
    NFKC makes it stable (Unicode 16, definition D146, without the removal of ignorable characters).
    """
    if text.isascii():
        return _spaced(text.lower())
    # Normalisation sorts the marks on one letter in quadratic time, so a letter keeps no more than a reader could tell.
    if _MAY_HAVE_MARKS.search(text) is not None:
        text = _MANY_MARKS.sub(_with_fewer_marks, _SURROGATE.sub("\ufffd", text))
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _spaced(unicodedata.normalize("NFKC", folded).replace("\u2019", "'"))


def places_of(text: str, characters: Iterable[str]) -> list[int]:
    """Return where any of some characters is, in order; to look for each of a few beats a look at every character."""
    places: list[int] = []
    for one in characters:
        at = text.find(one)
        while at >= 0:
            places.append(at)
            at = text.find(one, at + 1)
    places.sort()
    return places


def is_word_edge(text: str, at: int) -> bool:
    """Say whether a word may begin or end before `at`: not between two characters of one word of a spaced script."""
    return at <= 0 or at >= len(text) or not (_of_spaced_word(text[at - 1]) and _of_spaced_word(text[at]))


@lru_cache(maxsize=_MOST_CHARACTERS)
def is_unspaced(character: str) -> bool:
    """Say whether the character is of a script that does not put spaces between words, such as Thai or Chinese."""
    return any(first <= ord(character) <= last for first, last in _UNSPACED)


def _end_of_tag(markup: str, tag: re.Match[str]) -> int:
    """Return the index behind the tag, or -1 when it never ends."""
    if tag[0] == "<!--":
        end = markup.find("-->", tag.end())
        return end + 3 if end >= 0 else -1
    if tag[1] is None:
        return markup.find(">", tag.end()) + 1 or -1
    at = tag.end()
    while (stop := _ATTRIBUTE_QUOTE.search(markup, at)) is not None:
        at = stop.end()
        if stop[1] is None:
            return at
        # A quote that is never closed is ignored; there can be no second of its kind, so this stays linear.
        at = max(at, markup.find(stop[1], at) + 1)
    return -1


def _spacing(name: str) -> str:
    if name in _PARAGRAPHS:
        return "\n\n"
    if name in _LINES:
        return "\n"
    return " " if name in _CELLS else ""


def _readable(raw: str) -> str:
    return re.sub(r"\s+", " ", unescape(_HUGE_REFERENCE.sub("\ufffd", raw)))


def _with_fewer_marks(run: re.Match[str]) -> str:
    return run[0][:_MARKS] + "".join(mark for mark in run[0][_MARKS:] if not unicodedata.combining(mark))


def _spaced(text: str) -> str:
    """Have one space for all white space, and none at either end; most lines are already written so."""
    lines = text.replace("\n", " ")
    if lines.isprintable() and "  " not in lines and lines[:1] != " " != lines[-1:]:
        return lines
    return " ".join(text.split())


@lru_cache(maxsize=_MOST_CHARACTERS)
def _of_spaced_word(character: str) -> bool:
    # Vowel signs of Indic scripts are marks, which isalnum() does not count.
    of_word = character.isalnum() or unicodedata.category(character).startswith("M")
    return of_word and not is_unspaced(character)
