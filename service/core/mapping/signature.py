"""Signature spec, secret, body and headers -> whether the tool that holds the secret sent this body."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from enum import StrEnum

from service.core.playbook.sources import SignatureSpec

_DIGESTS = {"hmac-sha256": hashlib.sha256, "hmac-sha1": hashlib.sha1, "hmac-sha512": hashlib.sha512}


class SignatureCheck(StrEnum):
    """What the signature says of a body; only `valid` lets it in."""

    VALID = "valid"
    MISSING = "missing"
    WRONG = "wrong"


def signature_valid(spec: SignatureSpec, *, secret: bytes, body: bytes, headers: Mapping[str, str]) -> SignatureCheck:
    """Compare in constant time. Header names are matched without case; an empty secret lets nothing in."""
    given = next((value for name, value in headers.items() if name.lower() == spec.header), None)
    if given is None:
        return SignatureCheck.MISSING
    digest = hmac.new(secret, body, _DIGESTS[spec.scheme]).digest()
    written = digest.hex() if spec.encoding == "hex" else base64.b64encode(digest).decode()
    expected = spec.prefix + written
    # Hexadecimal digits come in either case; base64 does not.
    offered = given.strip()
    if spec.encoding == "hex" and offered.startswith(spec.prefix):
        offered = spec.prefix + offered[len(spec.prefix) :].lower()
    is_same = hmac.compare_digest(offered.encode(errors="replace"), expected.encode())
    return SignatureCheck.VALID if secret and is_same else SignatureCheck.WRONG
