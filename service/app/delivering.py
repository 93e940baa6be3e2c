"""What all roles share -> the deliverer as a part of the service, with its couriers opened."""

import os
from contextlib import AsyncExitStack

from service.adapters.channels import Couriers, certificates, open_posting
from service.adapters.postgres import PostgresDeliveries, PostgresDesk
from service.app.opened import Opened
from service.runtime.acting import Acting
from service.runtime.delivery import Deliverer
from service.runtime.lifecycle import Part


async def delivering(opened: Opened, stack: AsyncExitStack) -> Part:
    settings = opened.settings
    trusted = certificates()
    posting = await stack.enter_async_context(open_posting(trusted, private=settings.channels_private))
    deliverer = Deliverer(
        PostgresDeliveries(opened.pool),
        PostgresDesk(opened.pool),
        Acting(opened.store, opened.rulebook, opened.time.present).rules,
        Couriers(posting, os.environ.get, trusted, public_url=settings.public_url, private=settings.channels_private),
        watch=opened.health,
        meter=opened.meter,
    )
    return Part(name="deliverer", run=deliverer.run, seconds=settings.drain)
