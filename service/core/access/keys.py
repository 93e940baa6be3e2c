"""An API key's text <-> its id and secret; a kept key, a secret and the present -> who shows it, or why it is refused.

Only the sha256 of the secret is kept: 32 random bytes need no slower hash.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import date, datetime

from service.core.access import MAY, Denial, Permission, Principal, Role

PREFIX = "frk_"
ID_LENGTH = 10
SECRET_BYTES = 32
_KEY = re.compile(r"frk_([a-z0-9]{10})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key as it is kept: `digest` is its secret's; without `permissions` it has all of its role's.

    `teams` None are all of them. It is noted on which day it was used last, not when.
    """

    key_id: str
    digest: str = field(repr=False)
    name: str
    role: Role
    permissions: frozenset[Permission] | None
    teams: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_on: date | None = None


def key_text(key_id: str, secret: str) -> str:
    """Write a key as its bearer shows it."""
    return f"{PREFIX}{key_id}_{secret}"


def key_parts(text: str) -> tuple[str, str] | None:
    """Read id and secret; None where the text is no key of ours."""
    found = _KEY.fullmatch(text)
    return None if found is None else (found[1], found[2])


def digest_of(secret: str) -> str:
    """Return what is kept of a secret: its sha256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()


def shown_by(key: ApiKey | None, secret: str, now: datetime) -> Principal | Denial:
    """Say who shows a key. It takes as long to compare where there is no such key."""
    kept = digest_of("") if key is None else key.digest
    if not hmac.compare_digest(digest_of(secret), kept) or key is None:
        return Denial.WRONG_KEY
    return bearer_of(key, now)


def bearer_of(key: ApiKey, now: datetime) -> Principal | Denial:
    """Say who bears a key whose secret was shown."""
    if key.revoked_at is not None or (key.expires_at is not None and now >= key.expires_at):
        return Denial.KEY_ENDED
    return Principal(
        name=key.name,
        role=key.role,
        teams=key.teams,
        permissions=MAY[key.role] if key.permissions is None else MAY[key.role] & key.permissions,
        subject=f"key:{key.key_id}",
    )
