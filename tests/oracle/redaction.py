"""What is taken out of a text before its words are read: e-mail addresses and telephone numbers.

The service knows more (cards, accounts, ids, links); the streams that are compared here hold these two.
"""

import re

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# With + or 00 and a country code, or ten or eleven digits that begin with the 0 of a long-distance call. Digits behind
# a letter, a hyphen or a # belong to an order number.
_PHONE = re.compile(r"(?<![\w#+-])(?:(?:\+|00)(?:[ ().-]{0,3}\d){8,14}|0[1-9](?:[ ().-]{0,3}\d){8,10})(?![\w-])")


def redacted(text: str) -> str:
    return _PHONE.sub("[phone]", _EMAIL.sub("[email]", text))
