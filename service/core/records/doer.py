"""Who did something, in what part, and how the service knows: what the audit names."""

from enum import StrEnum

from msgspec import Struct


class Means(StrEnum):
    """How a name is known: a request `claimed` it, or a key or session has `proved` it; on the machine itself."""

    CLAIMED = "claimed"
    PROVED = "proved"
    COMMAND = "command"
    SERVICE = "service"


class Doer(Struct, frozen=True, kw_only=True):
    """A name, and the role in which it acted where it has one."""

    name: str
    role: str | None = None
    means: Means = Means.CLAIMED


SERVICE = Doer(name="feedback-router", means=Means.SERVICE)
