"""Settings and a pool -> how the API knows who asks, and who is told of what it refused."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresKeys, PostgresSessions
from service.adapters.postgres.pool import Pool
from service.api import Entrance, Noting
from service.core.access.groups import Grant
from service.core.pipeline.rules import Rules
from service.core.playbook.access import grants_of
from service.ports import NoAuditor
from service.settings import Settings


def entrance_of(settings: Settings, pool: Pool, rules: Callable[[], Awaitable[Rules]]) -> Entrance:
    token = None if settings.api_token is None else settings.api_token.get_secret_value()
    return Entrance(
        token=token,
        is_open=not settings.asks_who,
        secure=settings.is_encrypted,
        host=None if settings.public_url is None else urlsplit(settings.public_url).netloc,
        keys=PostgresKeys(pool),
        sessions=PostgresSessions(pool),
        grants=partial(_grants, rules),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
    )


def noting_of(meter: PrometheusMeter) -> Noting:
    return Noting(NoAuditor(), meter)


async def _grants(rules: Callable[[], Awaitable[Rules]]) -> Sequence[Grant]:
    return grants_of((await rules()).playbook.access)
