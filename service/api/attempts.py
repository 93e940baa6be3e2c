"""One attempt to sign in <-> the cookie that only the browser that began it has; forged or ten minutes old is none."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from service.ports import Attempt

LASTS = timedelta(minutes=10)
_BYTES = 32
# A path of ours, and nothing that a browser could take for another host's.
_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,500}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt, and where to go once it has succeeded."""

    attempt: Attempt
    to: str


def begin(to: str) -> Begun:
    """Begin an attempt that nobody can guess."""
    state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(3))
    return Begun(Attempt(state=state, nonce=nonce, verifier=verifier), own_path(to))


def own_path(to: str | None) -> str:
    """Return a path to go to, or the first page where it is not one of ours."""
    return to if to is not None and _PATH.fullmatch(to) else "/"


def write(begun: Begun, key: bytes, now: datetime) -> str:
    one = begun.attempt
    said = orjson.dumps([one.state, one.nonce, one.verifier, begun.to, int((now + LASTS).timestamp())])
    return f"{urlsafe_b64encode(said).decode()}.{_sign(said, key)}"


def read(text: str, key: bytes, now: datetime) -> Begun | None:
    """Read what was written under the same key."""
    body, _, signature = text.partition(".")
    try:
        said = urlsafe_b64decode(body)
    except ValueError:
        return None
    if not hmac.compare_digest(_sign(said, key).encode(), signature.encode("utf-8", "replace")):
        return None
    state, nonce, verifier, to, until = orjson.loads(said)
    if now.timestamp() >= until:
        return None
    return Begun(Attempt(state=state, nonce=nonce, verifier=verifier), to)


def _sign(said: bytes, key: bytes) -> str:
    return hmac.new(hashlib.sha256(b"attempt" + key).digest(), said, hashlib.sha256).hexdigest()
