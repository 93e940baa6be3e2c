"""Patterns of words that several finders share."""

# Every capital of the Latin, Greek and Cyrillic scripts.
CAPITALS = "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x2000)) if chr(code).isupper())


def _capital_word(kept: str) -> str:
    """Tomás, O'Neill, Lloyd-Jones, d'Angelo, without the 's of Smith's."""
    letter = r"[^\W\d_]"
    further = rf"(?:['\u2019-](?!s\b){letter}{{1,30}}{kept}){{0,3}}"
    return rf"(?:{letter}{{1,4}}{kept}['\u2019])?[{CAPITALS}]{letter}{{0,30}}{kept}{further}"


CAPITAL_WORD = _capital_word("")
# Its letters are not given back one by one, for where nothing that may follow it begins with a letter.
WHOLE_CAPITAL_WORD = _capital_word("+")
# What may stand between a cue and a value: `passport number is: `, `n.º `.
FILL = (
    r"(?:[\s:=#(\u00ba\u00b0-]|\b(?:numbers?|no|nr|num|nummer|num[eé]ro|n[uú]mero|n|is|ist|lautet|was|est|es|[eè]|le|la|el|il|"
    r"de|der|die|das|of|on|am|op|porte|mit|with|the|has|hat|heeft|id|card|my|number\ plate)\b\.?[\u00ba\u00b0]?){0,7}"
)
