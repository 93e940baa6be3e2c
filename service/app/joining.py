"""Settings -> the processes that decide beside the first one, and how such a process answers it.

The first process starts the others by executing this module anew, with the settings that it has read itself, once it
has opened everything that they will need: so a fault of playbook, schema or topics is told once.
"""

import asyncio
import os
import sys
from collections.abc import Collection
from functools import partial

import structlog

from service.adapters.fellow_processes import Answering, start_fellow
from service.adapters.meter import PrometheusMeter
from service.app.cores import usable_cores
from service.ports.fellows import Fellow, Told
from service.runtime.fellows import Fellows
from service.runtime.health import Health
from service.runtime.lifecycle import Part
from service.settings import Role, Settings, environment_of

log = structlog.get_logger()

# What a process needs, after its last part has ended, to close its connections.
_CLOSE_SECONDS = 10.0


def processes_of(settings: Settings, roles: Collection[Role]) -> int:
    """Say how many processes the service is to have here; those beside the first can only decide."""
    if Role.WORKER not in roles:
        return 1
    return usable_cores() if settings.processes == "auto" else int(settings.processes)


def fellows_of(settings: Settings, count: int, ending: asyncio.Event) -> Fellows | None:
    return None if count == 1 else Fellows(partial(_started, settings), count - 1, ending.set)


def seeing_to(fellows: Fellows, settings: Settings) -> Part:
    """Give each of them the time that it has for its worker, and to close what it has open."""
    return Part(name="processes", run=fellows.run, seconds=settings.drain + _CLOSE_SECONDS)


def answering_first(health: Health, meter: PrometheusMeter, ending: asyncio.Event, settings: Settings) -> Part:
    answering = Answering(partial(_told, health, meter), ending.set)
    return Part(name="answers", run=answering.run, seconds=settings.drain)


async def _started(settings: Settings, number: int) -> Fellow:
    environment = {**os.environ, **environment_of(settings.model_copy(update={"processes": "1"}))}
    fellow = await start_fellow(number, [sys.executable, "-m", "service.app.fellow", str(number)], environment)
    log.info("process_started", number=number, pid=fellow.pid)
    return fellow


def _told(health: Health, meter: PrometheusMeter) -> Told:
    return Told(unready=health.unready(), stuck=health.stuck(), figures=meter.figures())
