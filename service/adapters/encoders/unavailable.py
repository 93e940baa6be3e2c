"""Why an encoder or a table is not to be had."""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Closed: the service goes on without it and says one of these."""

    NOT_INSTALLED = "not_installed"
    ANOTHER_VERSION = "another_version"
    ANOTHER_FILE = "another_file"
    NO_SUCH_FILE = "no_such_file"
    NOT_AN_ENCODER = "not_an_encoder"


@dataclass(frozen=True, slots=True)
class Unavailable:
    """`told` says to a person what is the matter and what would help."""

    why: Why
    told: str
