"""What a person does to an alert or a silence, and how a repetition of the same request is told from a new one."""

from collections.abc import Callable
from typing import Protocol

from msgspec import Struct

from service.core.pipeline.act import Acted, Asked
from service.core.pipeline.silencing import AskedSilence, Silenced
from service.core.records.alerts import Alert
from service.core.records.muting import Silence
from service.ports.store import Answer


class Keyed(Struct, frozen=True, kw_only=True):
    """The client's idempotency key, and the fingerprint of what it asks under it."""

    key: str
    request: str


class Actor(Protocol):
    """Carries out acts, each in one transaction under the gate of its alert."""

    async def __call__(
        self, asked: Asked, alert_key: str, keyed: Keyed | None, body: Callable[[Alert], str]
    ) -> Acted | Answer:
        """Do it, or return what was answered when the same key was used before.

        Args:
            asked: the act.
            alert_key: the gate of its alert.
            keyed: what makes a repetition harmless; None where the client gave nothing.
            body: writes the answer that is remembered of an alert that was changed.

        Raises:
            OutcomeUnknownError: the reply of the commit was lost; ask again under the same key.
            OutOfReachError: the store does not answer, or others stood in the way each time.
        """
        ...


class Silencer(Protocol):
    """Makes, extends and lifts silences, each in one transaction."""

    async def __call__(
        self, asked: AskedSilence, keyed: Keyed | None, body: Callable[[Silence], str], status: int
    ) -> Silenced | Answer:
        """Do it, or return what was answered when the same key was used before.

        Args:
            asked: what a person wants.
            keyed: what makes a repetition harmless; None where the client gave nothing.
            body: writes the answer that is remembered of a silence that was made or changed.
            status: the answer's.

        Raises:
            OutcomeUnknownError: the reply of the commit was lost; ask again under the same key.
            OutOfReachError: the store does not answer, or others stood in the way each time.
        """
        ...
