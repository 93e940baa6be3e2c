"""What is to be forgotten of a person, what was, and by which marks it is known again."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field


class Erased(Struct, frozen=True, kw_only=True):
    """What a mark stands for: an event, or a subject with its highest revision (None for an event).

    `at` is up to when, by event time, nothing of a subject comes back.
    """

    at: datetime
    revision: int | None = None


class Erasure(Struct, frozen=True, kw_only=True):
    """One request to forget a person, and how far it has come.

    `refs` are the pseudonyms of the person under every key, `token` is what their new names are made of (hexadecimal);
    both go when it is done. `customer_hash` tells who asks which request was theirs, and nobody else.
    `mark` is that of the event that asked. `joined` counts the further pseudonyms of the same person: erased with it
    where `include_joined` says so, else left.
    """

    erasure_id: str
    request_id: str | None = None
    customer_hash: str
    refs: tuple[str, ...]
    include_joined: bool = False
    asked_at: datetime
    recorded_at: datetime | None = None
    mark: str = ""
    token: str | None = None
    joined: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    done_at: datetime | None = None
