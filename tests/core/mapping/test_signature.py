import base64
import hashlib
import hmac

import pytest

from service.core.mapping import SignatureCheck, signature_valid
from service.core.playbook.sources import SignatureSpec

BODY = b'{"event_id":"e-1"}'
SECRET = b"made up"
HEX = SignatureSpec.model_validate({"header": "X-Signature", "prefix": "sha256=", "secret_env": "TOOL_SECRET"})
BASE64 = SignatureSpec.model_validate(
    {"header": "Tool-Signature", "scheme": "hmac-sha512", "encoding": "base64", "secret_env": "TOOL_SECRET"}
)
SHA1 = SignatureSpec.model_validate({"header": "Sm-Signature", "scheme": "hmac-sha1", "secret_env": "TOOL_SECRET"})
BY_HEX = "sha256=" + hmac.new(SECRET, BODY, hashlib.sha256).hexdigest()
BY_BASE64 = base64.b64encode(hmac.new(SECRET, BODY, hashlib.sha512).digest()).decode()
BY_SHA1 = hmac.new(SECRET, BODY, hashlib.sha1).hexdigest()


@pytest.mark.parametrize(
    ("spec", "headers"),
    [
        (HEX, {"x-signature": BY_HEX}),
        (HEX, {"X-SIGNATURE": f" {BY_HEX} "}),
        (HEX, {"x-signature": "sha256=" + BY_HEX[7:].upper()}),
        (BASE64, {"tool-signature": BY_BASE64}),
        (SHA1, {"Sm-Signature": BY_SHA1}),
    ],
)
def test_the_holder_of_the_secret_is_let_in(spec: SignatureSpec, headers: dict[str, str]) -> None:
    assert signature_valid(spec, secret=SECRET, body=BODY, headers=headers) is SignatureCheck.VALID


def test_a_body_without_a_signature_is_told_apart() -> None:
    assert signature_valid(HEX, secret=SECRET, body=BODY, headers={"x-other": BY_HEX}) is SignatureCheck.MISSING


@pytest.mark.parametrize(
    "offered",
    ["", "sha256=", BY_HEX[7:], BY_HEX[:-1], "SHA256=" + BY_HEX[7:], BY_SHA1, "sha256=é", "\ud800"],
)
def test_anything_else_is_wrong(offered: str) -> None:
    assert signature_valid(HEX, secret=SECRET, body=BODY, headers={"x-signature": offered}) is SignatureCheck.WRONG


def test_another_body_or_secret_is_wrong() -> None:
    headers = {"x-signature": BY_HEX}
    assert signature_valid(HEX, secret=SECRET, body=BODY + b" ", headers=headers) is SignatureCheck.WRONG
    assert signature_valid(HEX, secret=b"other", body=BODY, headers=headers) is SignatureCheck.WRONG


def test_base64_is_compared_with_its_case() -> None:
    headers = {"tool-signature": BY_BASE64.swapcase()}
    assert signature_valid(BASE64, secret=SECRET, body=BODY, headers=headers) is SignatureCheck.WRONG


def test_an_unset_secret_lets_nothing_in() -> None:
    signed = "sha256=" + hmac.new(b"", BODY, hashlib.sha256).hexdigest()
    assert signature_valid(HEX, secret=b"", body=BODY, headers={"x-signature": signed}) is SignatureCheck.WRONG
