"""What a request shows -> who asks, or why that is not known: the operator's token, an API key, or a session's cookie.

A right key is always taken, however many wrong ones came before it: else whoever knows its id could lock it out. What
was read of a key, a session or the playbook is believed for three seconds, so that taking it back is felt within five.
"""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Generic, TypeVar

from starlette.datastructures import Headers

from service.api.failures import MOST_OF_ADDRESS, MOST_OF_KEY, Failures, site
from service.core.access import LOCAL, OPERATOR, Denial, Principal
from service.core.access.groups import Grant, person
from service.core.access.keys import PREFIX, ApiKey, bearer_of, digest_of, key_parts, shown_by
from service.core.access.sessions import LASTS, NOTED_EVERY, Session, ended
from service.ports import Keys, Sessions

BELIEVED_SECONDS = 3.0
_MOST_BELIEVED = 4_096
_ID_BYTES = 32
FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who asks, or None and why. `csrf` is there where a cookie said so, which a browser sends for any page.

    `wait` is for how many seconds the next attempt is not looked at.
    """

    principal: Principal | None = None
    csrf: str | None = field(default=None, repr=False)
    session: str | None = field(default=None, repr=False)
    refused: Denial | None = None
    wait: int = 0


class Entrance:
    """`token` is the operator's; where `is_open`, whoever shows nothing is this machine's own user.

    `grants` gives what the active playbook grants to groups, `now` the present. Cookies are for encrypted connections
    alone where `secure`; `host` is what browsers know us by, if it is not what they send.
    Attempts to sign in at a provider are signed under `attempt_key`.
    """

    def __init__(  # noqa: PLR0913 - keyword-only, and each is a part of its own
        self,
        *,
        token: str | None,
        is_open: bool,
        secure: bool,
        host: str | None = None,
        attempt_key: bytes = b"",
        keys: Keys,
        sessions: Sessions,
        grants: Callable[[], Awaitable[Sequence[Grant]]],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self.is_open, self.secure, self.host = is_open, secure, host
        # Browsers keep others from setting a cookie of such a name, be it from a sibling of our host.
        self.cookie = "__Host-feedback-router" if secure else "feedback-router"
        self.attempt_cookie, self.attempt_key = f"{self.cookie}-attempt", attempt_key
        self.failures = Failures(monotonic)
        self._token = None if token is None else token.encode()
        self._keys, self._sessions, self.now = keys, sessions, now
        self._known_keys: _Believed[ApiKey] = _Believed(keys.key, monotonic)
        self._known_sessions: _Believed[Session] = _Believed(sessions.session, monotonic)
        self._known_grants: _Believed[Sequence[Grant]] = _Believed(lambda _: grants(), monotonic)

    async def admit(self, headers: Headers, address: str) -> Entry:
        """Say who asks.

        Raises:
            OutOfReachError: the store does not answer.
        """
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and (not self.is_open or given.strip().startswith(PREFIX)):
            return await self.bearer(given.strip(), address)
        shown = _cookie(headers, self.cookie)
        if shown is not None:
            entry = await self._by_session(digest_of(shown))
            if entry.principal is not None or not self.is_open:
                return entry
        return Entry(principal=LOCAL) if self.is_open else Entry(refused=Denial.NOT_SIGNED_IN)

    async def bearer(self, text: str, address: str) -> Entry:
        """Say who shows a token or a key."""
        if self._token is not None and hmac.compare_digest(text.encode("latin-1", "replace"), self._token):
            return Entry(principal=OPERATOR)
        return await self.by_key(text, address)

    async def by_key(self, text: str, address: str) -> Entry:
        """Say who shows a key."""
        parts, place = key_parts(text), site(address)
        wait = self.failures.wait(place, MOST_OF_ADDRESS)
        # Who failed too often gets no look into the store, save for a key that was right a while ago.
        if wait and (parts is None or not self._known_keys.holds(parts[0])):
            return Entry(refused=Denial.TOO_MANY_FAILURES, wait=wait)
        if parts is None:
            self.failures.count(place)
            return Entry(refused=Denial.WRONG_KEY)
        key, now = await self._known_keys.read(parts[0]), self.now()
        found = shown_by(key, parts[1], now)
        if isinstance(found, Principal):
            if key is not None and key.last_used_on != now.date():
                await self._keys.used(key.key_id, now.date())
                self._known_keys.put(key.key_id, replace(key, last_used_on=now.date()))
            return Entry(principal=found)
        wait = max(wait, self.failures.wait(parts[0], MOST_OF_KEY))
        for name in (place, parts[0]):
            self.failures.count(name)
        return Entry(refused=Denial.TOO_MANY_FAILURES if wait else found, wait=wait)

    async def enter(self, name: str, subject: str, *, key_id: str | None = None, groups: Sequence[str] = ()) -> str:
        """Open a session, and return what its cookie holds."""
        shown, now = secrets.token_urlsafe(_ID_BYTES), self.now()
        session = Session(
            digest=digest_of(shown),
            name=name,
            subject=subject,
            key_id=key_id,
            groups=tuple(groups),
            csrf=secrets.token_urlsafe(_ID_BYTES),
            created_at=now,
            seen_at=now,
        )
        await self._sessions.open(session, now - LASTS)
        return shown

    async def leave(self, session: str) -> None:
        """End a session by its digest."""
        await self._sessions.end(session, self.now())
        self._known_sessions.forget(session)

    async def _by_session(self, digest: str) -> Entry:
        session, now = await self._known_sessions.read(digest), self.now()
        if session is None or ended(session, now) is not None:
            return Entry(refused=Denial.SESSION_ENDED)
        found = await self._of(session, now)
        if isinstance(found, Denial):
            return Entry(refused=found)
        if now - session.seen_at >= NOTED_EVERY:
            await self._sessions.seen(digest, now)
            self._known_sessions.put(digest, replace(session, seen_at=now))
        return Entry(principal=found, csrf=session.csrf, session=digest)

    async def _of(self, session: Session, now: datetime) -> Principal | Denial:
        """Say who is in a session, by what their key or the playbook says at present."""
        if session.key_id is None:
            return person(session.name, session.subject, session.groups, await self._known_grants.read("") or ())
        key = await self._known_keys.read(session.key_id)
        return Denial.SESSION_ENDED if key is None else bearer_of(key, now)


class _Believed(Generic[FoundT]):
    """What was read by name, and is believed for a while; of too many those that were asked for longest ago go."""

    def __init__(self, read: Callable[[str], Awaitable[FoundT | None]], monotonic: Callable[[], float]) -> None:
        self._read, self._monotonic = read, monotonic
        self._found: OrderedDict[str, tuple[float, FoundT | None]] = OrderedDict()

    async def read(self, name: str) -> FoundT | None:
        until, found = self._found.get(name, (0.0, None))
        if self._monotonic() >= until:
            # Between asking and the answer it may have been revoked: it is believed from the question on.
            asked_at, found = self._monotonic(), await self._read(name)
            self._keep(name, asked_at, found)
        self._found.move_to_end(name)
        return found

    def put(self, name: str, found: FoundT) -> None:
        """Change what is believed; for how long stays the same."""
        self._found[name] = (self._found[name][0], found) if name in self._found else (0.0, found)

    def holds(self, name: str) -> bool:
        return self._found.get(name, (0.0, None))[1] is not None

    def forget(self, name: str) -> None:
        self._found.pop(name, None)

    def _keep(self, name: str, at: float, found: FoundT | None) -> None:
        self._found[name] = (at + BELIEVED_SECONDS, found)
        while len(self._found) > _MOST_BELIEVED:
            self._found.popitem(last=False)


def _cookie(headers: Headers, name: str) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value
