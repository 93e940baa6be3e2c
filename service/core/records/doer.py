"""Who did something, in what part, and how the service knows: what the audit names."""

from dataclasses import dataclass
from enum import StrEnum


class Means(StrEnum):
    """How a name is known: a request `claimed` it, or a key or session has `proved` it; on the machine itself."""

    CLAIMED = "claimed"
    PROVED = "proved"
    COMMAND = "command"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """A name, and the role in which it acted where it has one."""

    name: str
    role: str | None = None
    means: Means = Means.CLAIMED


SERVICE = Doer(name="feedback-router", means=Means.SERVICE)
