"""A person's rows -> the same rows without the person: counts stay, texts go, names become tokens.

The tokens are made of a random secret that the shell gives and forgets. Nothing is refused. The rules are those of
deploy/docs/privacy.md.
"""

from service.core.erase.asked import asked
from service.core.erase.dead import named_in, number_of
from service.core.erase.names import Names
from service.core.erase.person import (
    Person,
    erase,
    events_of,
    keys_of,
    marks_of_event,
    marks_of_subject,
    names_in,
    told_of,
)
from service.core.erase.said import erased_correction
from service.core.erase.told import (
    Told,
    cleaned,
    erased_alert,
    erased_digest,
    erased_message,
    erased_notice,
    without_quotes,
)

__all__ = [
    "Names",
    "Person",
    "Told",
    "asked",
    "cleaned",
    "erase",
    "erased_alert",
    "erased_correction",
    "erased_digest",
    "erased_message",
    "erased_notice",
    "events_of",
    "keys_of",
    "marks_of_event",
    "marks_of_subject",
    "named_in",
    "names_in",
    "number_of",
    "told_of",
    "without_quotes",
]
