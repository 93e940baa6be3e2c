"""Settings and a pool -> how the API knows who asks, and who is told of what it refused."""

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from pydantic import SecretStr

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresAudit, PostgresKeys, PostgresSessions
from service.adapters.postgres.pool import Pool
from service.api import CALLBACK, Entrance, Noting
from service.core.access.groups import Grant
from service.core.pipeline.rules import Rules
from service.core.playbook.access import grants_of
from service.ports import Provider
from service.runtime.auditing import AuditBook
from service.settings import Identities, Settings


def entrance_of(settings: Settings, pool: Pool, rules: Callable[[], Awaitable[Rules]]) -> Entrance:
    return Entrance(
        token=_secret(settings.api_token) or None,
        is_open=not settings.asks_who,
        secure=settings.is_encrypted,
        attempt_key=b""
        if settings.oidc_client_secret is None
        else settings.oidc_client_secret.get_secret_value().encode(),
        host=None if settings.public_url is None else urlsplit(settings.public_url).netloc,
        keys=PostgresKeys(pool),
        sessions=PostgresSessions(pool),
        grants=partial(_grants, rules),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
    )


async def provider_of(settings: Settings, stack: AsyncExitStack) -> Provider | None:
    """Return the provider that the settings name; what it is asked through closes with the stack."""
    issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
    if settings.identities is not Identities.OIDC or issuer is None or client_id is None or secret is None:
        return None
    # Of those who have no provider, what checks its tokens would take megabytes.
    import httpx  # noqa: PLC0415

    from service.adapters.openid import Client, OpenIdProvider  # noqa: PLC0415

    client = Client(
        issuer=issuer,
        client_id=client_id,
        client_secret=secret.get_secret_value(),
        redirect_uri=f"{settings.public_url}{CALLBACK}",
        role_claim=settings.oidc_role_claim,
    )
    return OpenIdProvider(client, await stack.enter_async_context(httpx.AsyncClient()))


def noting_of(meter: PrometheusMeter, pool: Pool) -> Noting:
    return Noting(AuditBook(PostgresAudit(pool), lambda: datetime.now(UTC)), meter)


def _secret(secret: SecretStr | None) -> str:
    return "" if secret is None else secret.get_secret_value()


async def _grants(rules: Callable[[], Awaitable[Rules]]) -> Sequence[Grant]:
    return grants_of((await rules()).playbook.access)
