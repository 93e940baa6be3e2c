"""Patterns of words that several finders share."""

# Every capital of the Latin, Greek and Cyrillic scripts.
CAPITALS = "".join(chr(code) for code in (*range(0x41, 0x530), *range(0x1E00, 0x2000)) if chr(code).isupper())
# Tomás, O'Neill, Lloyd-Jones, d'Angelo, without the 's of Smith's.
CAPITAL_WORD = rf"(?:[^\W\d_]{{1,4}}['\u2019])?[{CAPITALS}][^\W\d_]{{0,30}}(?:['\u2019-](?!s\b)[^\W\d_]{{1,30}}){{0,3}}"
# What may stand between a cue and a value: `passport number is: `, `n.º `.
FILL = (
    r"(?:[\s:=#(\u00ba\u00b0-]|\b(?:numbers?|no|nr|num|nummer|num[eé]ro|n[uú]mero|n|is|ist|lautet|was|est|es|[eè]|le|la|el|il|"
    r"de|der|die|das|of|on|am|op|porte|mit|with|the|has|hat|heeft|id|card|my|number\ plate)\b\.?[\u00ba\u00b0]?){0,7}"
)
