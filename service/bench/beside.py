"""`python -m service.bench.beside JSON`: a process that decides beside the one that measures, as those of `serve` do.

It takes its first partition when it is asked how it is a second time: the first time says that it is there.
"""

import asyncio
import sys
from typing import Any

import orjson

from service.adapters.fellow_processes import Answering
from service.adapters.kafka import Connection
from service.adapters.meter import PrometheusMeter
from service.adapters.playbook_files import load
from service.adapters.postgres import open_pool
from service.app.instruments import INSTRUMENTS
from service.app.logs import log_to_stderr
from service.assets import playbooks
from service.bench.deciding import DRAIN_SECONDS, Share, deciding
from service.core.pipeline.rules import compile_playbook
from service.ports.fellows import Told
from service.runtime.collector import spare_what_stays
from service.runtime.health import Health
from service.runtime.lifecycle import Part, live


async def _beside(share: Share) -> None:
    loaded = load(playbooks() / "retail")
    if loaded.playbook is None:
        raise ValueError("the retail playbook has faults")
    rules = compile_playbook(loaded.playbook, instruments=INSTRUMENTS)
    health, meter, ending, may_begin = Health(), PrometheusMeter(), asyncio.Event(), asyncio.Event()
    asked = 0

    def told() -> Told:
        nonlocal asked
        asked += 1
        if asked > 1:
            may_begin.set()
        return Told(figures={})

    async def begin() -> None:
        await may_begin.wait()

    pool = await open_pool(share.dsn, size=16)
    connection = Connection(bootstrap_servers=share.bootstrap_servers, client_id="feedback-router-bench")
    try:
        worker = await deciding(share, connection, pool, rules, health, meter, begin)
        answers = Part(name="answers", run=Answering(told, ending.set).run, seconds=DRAIN_SECONDS)
        spare_what_stays()
        await live([worker, answers], ending, health.drain)
    finally:
        await pool.close()


def main(given: str) -> None:
    log_to_stderr("ERROR")
    said: dict[str, Any] = orjson.loads(given)
    asyncio.run(_beside(Share(**said)))


if __name__ == "__main__":
    main(sys.argv[1])
