"""The alerts that a team is told of in one go -> one document, worst first, and the text that people read."""

from service.core.digest.composing import compose
from service.core.digest.parts import (
    MOST_ALERTS,
    MOST_GROUPS,
    MOST_QUOTES,
    Digest,
    Entry,
    Group,
    More,
    Quote,
    Totals,
)
from service.core.digest.record import digest_record
from service.core.digest.wording import quoted, text

__all__ = [
    "MOST_ALERTS",
    "MOST_GROUPS",
    "MOST_QUOTES",
    "Digest",
    "Entry",
    "Group",
    "More",
    "Quote",
    "Totals",
    "compose",
    "digest_record",
    "quoted",
    "text",
]
