"""A body, its id, a time and secrets -> the headers of Standard Webhooks (standardwebhooks.com, version 1).

A secret is `whsec_` and base64, as the standard's libraries read it; one of another form is a fault of the set-up.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

_PREFIX = "whsec_"
# The standard asks for 24 to 64 bytes.
_SHORTEST, _LONGEST = 24, 64


def key_of(secret: str) -> bytes | None:
    """Return the key that a secret stands for; None where it is none, or too short to be safe."""
    if not secret.startswith(_PREFIX):
        return None
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if _SHORTEST <= len(key) <= _LONGEST else None


def signed(body: bytes, message_id: str, at: datetime, keys: Sequence[bytes]) -> Mapping[str, str]:
    """Sign with each key: whoever receives takes one that it knows, so that keys can be changed without a gap."""
    seconds = str(int(at.timestamp()))
    text = b".".join((message_id.encode(), seconds.encode(), body))
    signatures = (base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode() for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
