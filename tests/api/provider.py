"""An OpenID provider on loopback: real HTTP, signed tokens, and whatever a test wants to be wrong with them."""

import asyncio
import base64
import hashlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.waiting import until

CLIENT_ID, CLIENT_SECRET = "feedback", "the client's secret"
AnyKey = ECKey | RSAKey | OctKey


def new_key(name: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": name, "use": "sig"})


@dataclass(slots=True)
class TestProvider:
    """`claims` go over those that are right, `key` signs, and `published` is what anybody may check against."""

    __test__ = False

    key: AnyKey = field(default_factory=lambda: new_key("first"))
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "ES256"})
    claims: dict[str, Any] = field(default_factory=dict)
    published: list[AnyKey] = field(default_factory=list)
    is_down: bool = False
    keys_asked: int = 0
    issuer: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = [self.key]

    def rotate(self, name: str) -> None:
        self.key = new_key(name)
        self.published = [self.key]

    def signs_in(self, address: str) -> str:
        """Do what a browser and its user do there, and return the query that the browser comes back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
            "code",
            CLIENT_ID,
            "S256",
        )
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return urlencode({"code": code, "state": asked["state"]})

    async def configuration(self, _request: Request) -> Response:
        if self.is_down:
            return Response(status_code=503)
        names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return JSONResponse({"issuer": self.issuer, **{name: self.issuer + path for name, path in names.items()}})

    async def keys(self, _request: Request) -> Response:
        self.keys_asked += 1
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.published]})

    async def authorize(self, request: Request) -> Response:
        query = self.signs_in(str(request.url))
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{query}", 303)

    async def token(self, request: Request) -> Response:
        given = dict(parse_qsl((await request.body()).decode()))
        asked = self.codes.pop(given.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        proved = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        is_right = asked is not None and (
            request.headers["authorization"] == f"Basic {basic}"
            and given["redirect_uri"] == asked["redirect_uri"]
            and proved.decode() == asked["code_challenge"]
        )
        if asked is None or not is_right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "7",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "preferred_username": "zoe",
            "groups": ["drivers", "everybody"],
            **self.claims,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        header = {"kid": self.key.kid, **self.header}
        token = jwt.encode(header, said, self.key, algorithms=[header["alg"]])
        return JSONResponse({"id_token": token, "access_token": "a", "token_type": "Bearer"})

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/keys", self.keys),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
            ]
        )


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def provider_running() -> AsyncIterator[TestProvider]:
    provider = TestProvider()
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = _Server(uvicorn.Config(provider.app(), ws="none", lifespan="off", log_config=None, access_log=False))
        task = asyncio.create_task(server.serve([bound]))
        await until(lambda: server.started)
        provider.issuer = f"http://127.0.0.1:{bound.getsockname()[1]}"
        try:
            yield provider
        finally:
            server.should_exit = True
            await task
