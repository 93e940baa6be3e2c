"""A deliverer in a process of its own, which somebody kills: `python -m tests.runtime.dying DSN URL SECRET`."""

import asyncio
import ssl
import sys
from datetime import datetime

from service.adapters.channels import Couriers, open_posting
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresDeliveries, PostgresDesk, open_pool
from service.adapters.postgres.pool import Pool
from service.core.pipeline.rules import Rules, compile_playbook
from service.runtime.delivery import Deliverer, Tools
from service.runtime.health import Health
from tests.builders import START
from tests.delivering import HOOK, SECRET, told_by


async def one_round(pool: Pool, url: str, secret: str, now: datetime) -> None:
    """Claim what is due at a time, send it to a webhook there, and wait for that."""
    rules = compile_playbook(told_by(HOOK | {"url": url}))

    async def active() -> Rules:
        return rules

    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with open_posting(trusted, private=True) as posting:
        deliverer = Deliverer(
            PostgresDeliveries(pool),
            PostgresDesk(pool),
            active,
            Couriers(posting, {SECRET: secret}.get, trusted, public_url=None, private=True),
            watch=Health([]),
            meter=PrometheusMeter(),
            tools=Tools(now=lambda: now),
        )
        await deliverer.round()
        await deliverer.landed()


async def main(dsn: str, url: str, secret: str) -> None:
    await one_round(await open_pool(dsn, size=2), url, secret, START)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
