"""A deliverer that is killed while the other end has the message already: it goes again, under the same id."""

import asyncio
import base64
import signal
import sys
from pathlib import Path

import pytest

from service.adapters.postgres import PostgresDeliveries, PostgresDesk, open_pool
from service.core.records.words import DeliveryState
from service.runtime.delivery import LEASE
from tests.adapters.channels.serving import Answer, serving
from tests.builders import START
from tests.delivering import make_delivery
from tests.runtime.dying import one_round
from tests.waiting import until

pytestmark = pytest.mark.postgres
_TREE = Path(__file__).parents[2]
_KEY = "whsec_" + base64.b64encode(bytes(range(32))).decode()


async def test_what_was_sent_by_a_process_that_is_killed_then_is_sent_again_under_its_id(database: str) -> None:
    pool = await open_pool(database, size=2)
    await PostgresDeliveries(pool).put(make_delivery())
    async with serving(Answer(status=None)) as served:
        command = (sys.executable, "-m", "tests.runtime.dying", database, served.url, _KEY)
        process = await asyncio.create_subprocess_exec(*command, cwd=_TREE)
        await until(lambda: served.asked, 60)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        await one_round(pool, served.url, _KEY, START)
        assert len(served.asked) == 1
        await one_round(pool, served.url, _KEY, START + LEASE)
    assert [one.headers["webhook-id"] for one in served.asked] == ["alert-1:1", "alert-1:1"]
    found = await PostgresDesk(pool).delivery("alert-1:1:hook")
    assert found is not None
    assert found.state is DeliveryState.SENT
    await pool.close()
