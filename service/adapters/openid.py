"""A code that a browser brought back -> whom an OpenID provider vouches for (OpenID Connect Core 1.0, code flow, PKCE).

Refused is a token that is not signed by a key of the provider's, is another issuer's, for another client, too old, or
of another attempt. Transport is ours and httpx's; what a token must say is checked by Authlib, signatures by joserfc.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from service.ports import Attempt, NotVouchedError, OutOfReachError, Vouched

# Signed by the provider's own key alone: what shares a secret with us, or signs nothing, proves nothing.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_WELL_KNOWN = "/.well-known/openid-configuration"
_SCOPE = "openid profile email"
_PATIENCE = httpx.Timeout(10.0)
_LEEWAY = 60
_KNOWN_FOR = 3_600.0
_MOST_GROUPS = 2_000
_LONGEST_NAME = 100
_LARGEST = 1_048_576
_REFUSED_FROM, _REFUSED_TO = 400, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What the provider knows us by. `role_claim` names the groups; dots lead into it where it is nested."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    role_claim: str


@dataclass(frozen=True, slots=True)
class _Metadata:
    authorization: str
    token: str
    jwks: str
    until: float


class OpenIdProvider:
    """Implements Provider. `http` is closed by who made it."""

    def __init__(
        self,
        client: Client,
        http: httpx.AsyncClient,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._http, self._now, self._monotonic = client, http, now, monotonic
        self._metadata: _Metadata | None = None
        self._keys: KeySet | None = None

    async def address(self, attempt: Attempt) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": create_s256_code_challenge(attempt.verifier),
            "code_challenge_method": "S256",
        }
        address = (await self._known()).authorization
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def vouched(self, code: str, attempt: Attempt) -> Vouched:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        known = await self._known()
        answer = await self._said("POST", known.token, data=given, auth=self._credentials)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotVouchedError("the provider gave no ID token")
        return self._person(await self._checked(token, attempt, answer.get("access_token"), known))

    @property
    def _credentials(self) -> httpx.BasicAuth:
        return httpx.BasicAuth(self._client.client_id, self._client.client_secret)

    async def _checked(self, token: str, attempt: Attempt, access_token: object, known: _Metadata) -> CodeIDToken:
        """Return what a token says, once all of it holds."""
        try:
            signed = await self._signed(token, known)
            claims = CodeIDToken(
                signed.claims,
                signed.header,
                options={
                    "iss": {"essential": True, "value": self._client.issuer},
                    "aud": {"essential": True, "value": self._client.client_id},
                },
                params={
                    "nonce": attempt.nonce,
                    "client_id": self._client.client_id,
                    "access_token": access_token,
                },
            )
            claims.validate(now=int(self._now()), leeway=_LEEWAY)
        except JoseError as fault:
            raise NotVouchedError(f"the ID token does not hold: {fault.error}") from None
        except (TypeError, ValueError):
            raise NotVouchedError("the ID token can not be read") from None
        return claims

    async def _signed(self, token: str, known: _Metadata) -> jwt.Token:
        """Read a token by the provider's keys; one of an unknown key has them fetched again, since keys change."""
        if self._keys is not None:
            try:
                return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            except InvalidKeyIdError:
                self._keys = None
        self._keys = KeySet.import_key_set(await self._said("GET", known.jwks))  # type: ignore[arg-type]  # As it came.
        return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)

    def _person(self, claims: Mapping[str, Any]) -> Vouched:
        subject = str(claims["sub"])
        named = claims.get("email") if claims.get("email_verified") is True else None
        name = str(named or claims.get("preferred_username") or claims.get("name") or subject)
        if not name.isprintable() or len(name) > _LONGEST_NAME:
            name = subject
        if not subject.isprintable() or len(subject) > _LONGEST_NAME * 3:
            raise NotVouchedError("the ID token names nobody that can be written down")
        return Vouched(subject=subject, name=name, groups=tuple(_groups(claims, self._client.role_claim)))

    async def _known(self) -> _Metadata:
        """Return what the provider says of itself, at most an hour old."""
        known, now = self._metadata, self._monotonic()
        if known is None or now >= known.until:
            said = await self._said("GET", self._client.issuer.rstrip("/") + _WELL_KNOWN)
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if said.get("issuer") != self._client.issuer or not all(isinstance(said.get(name), str) for name in names):
                raise OutOfReachError("the identity provider's configuration is not that of the issuer")
            known = _Metadata(said[names[0]], said[names[1]], said[names[2]], now + _KNOWN_FOR)
            # A key that the provider took back must not be believed for longer either.
            self._metadata, self._keys = known, None
        return known

    async def _said(self, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what httpx takes
        try:
            answer = await self._http.request(method, address, timeout=_PATIENCE, follow_redirects=False, **more)
            if method == "POST" and _REFUSED_FROM <= answer.status_code < _REFUSED_TO:
                raise NotVouchedError("the provider does not take the code")
            answer.raise_for_status()
            said = answer.json() if len(answer.content) <= _LARGEST else None
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise OutOfReachError("the identity provider does not answer as it should") from None
        if not isinstance(said, dict):
            raise OutOfReachError("the identity provider does not answer as it should")
        return said


def _groups(claims: Mapping[str, Any], name: str) -> Iterator[str]:
    found: object = claims.get(name)
    if found is None:
        found = claims
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    yield from (one for one in values[:_MOST_GROUPS] if isinstance(one, str))
