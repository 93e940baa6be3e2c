"""Names of a person, its subjects and events -> tokens: the same name gives the same token while the secret lives."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

_PREFIX = "erased:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """`secret` is random, hexadecimal; without it nobody can tell which name a token stands for."""

    secret: str = field(repr=False)

    def customer(self, ref: str) -> str:
        return self._token("customer", ref)

    def subject(self, source: str, subject: str) -> str:
        return self._token("subject", source, subject)

    def event(self, source: str, event_id: str) -> str:
        return self._token("event", source, event_id)

    def _token(self, *parts: str) -> str:
        if parts[-1].startswith(_PREFIX):
            return parts[-1]
        said = "\n".join(parts).encode(errors="surrogatepass")
        return _PREFIX + hmac.digest(bytes.fromhex(self.secret), said, sha256).hex()[:32]
