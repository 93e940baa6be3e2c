"""Keys and sessions, where they are kept; and who is told of what was refused, and of who looked at verbatims."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from service.core.access import Denial, Principal
from service.core.access.keys import ApiKey
from service.core.access.sessions import Session
from service.core.records.doer import SERVICE, Doer


@dataclass(frozen=True, slots=True, kw_only=True)
class Denied:
    """A request that was refused: `who` is None where nobody was known.

    `path` is the route's, such as /v1/alerts/{alert_id}, and `names` what stood in its place.
    """

    denial: Denial
    who: Principal | None
    method: str
    path: str
    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody was shown what customers wrote, under a route and what its names stood for."""

    who: Principal
    path: str
    names: tuple[tuple[str, str], ...] = field(default=())


class Auditor(Protocol):
    """Keeps what was refused and what was looked at.

    It is told of denials of somebody known and of keys that were shown and were wrong. Who shows nothing could fill
    any book, and is only counted.
    """

    async def note_denial(self, denied: Denied) -> None: ...

    async def note_look(self, look: Look) -> None: ...


class NoAuditor:
    """Implements Auditor by keeping nothing."""

    async def note_denial(self, denied: Denied) -> None: ...

    async def note_look(self, look: Look) -> None: ...


class Keys(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def keep(self, key: ApiKey, doer: Doer = SERVICE) -> bool:
        """Keep a new key, and write into the audit who made it; False where its id is taken."""
        ...

    async def key(self, key_id: str) -> ApiKey | None: ...

    async def keys(self) -> Sequence[ApiKey]:
        """List all, the latest made first."""
        ...

    async def revoke(self, key_id: str, now: datetime, doer: Doer = SERVICE) -> bool:
        """End a key for good, and write into the audit who did; False where there is none that was not ended so."""
        ...

    async def used(self, key_id: str, day: date) -> None:
        """Note that a key was used on a day; an earlier day changes nothing."""
        ...


class Sessions(Protocol):
    """Raises OutOfReachError where the store does not answer."""

    async def open(self, session: Session, before: datetime) -> None:
        """Keep a new session, and forget all that were opened before an instant."""
        ...

    async def session(self, digest: str) -> Session | None: ...

    async def seen(self, digest: str, now: datetime) -> None:
        """Note that a session is in use."""
        ...

    async def end(self, digest: str, now: datetime) -> bool:
        """End a session; False where there is none that stands."""
        ...


class NotVouchedError(Exception):
    """The provider's answer does not prove who somebody is; the message says what is wrong and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom the provider vouches for: `subject` is its own name for them, for good, `name` one for people to read."""

    subject: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt to sign in, known to one browser: what comes back must bear `state`, `nonce` and `verifier`."""

    state: str
    nonce: str
    verifier: str = field(repr=False)


class Provider(Protocol):
    """An identity provider. Raises OutOfReachError where it does not answer."""

    async def address(self, attempt: Attempt) -> str:
        """Return where to send a browser so that its user signs in there."""
        ...

    async def vouched(self, code: str, attempt: Attempt) -> Vouched:
        """Trade the code that a browser came back with for who that is.

        Raises:
            NotVouchedError: the provider does not take the code, or what it says does not hold.
        """
        ...
