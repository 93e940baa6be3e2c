"""The service's own command line, with a death, a fault of the engine or a wrong clock planted in it.

CHAOS_DEATH names a boundary and how often it is passed before the process kills itself there, or sends itself what
CHAOS_SIGNAL names; CHAOS_MUTANT names a bug; CHAOS_CLOCK names a file that says by how many seconds the wall clock is
off. The relay sends few rows at a time and the consumer fetches little, so that there is something between two steps
even in a short run. Otherwise this is the service as it is.
"""

import functools
import os
import signal
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

import service.adapters.kafka.source
import service.runtime.relay
from service.cli import main
from service.runtime.timekeeping import WallTime
from tests.chaos.boundaries import BOUNDARIES
from tests.chaos.mutants import MUTANTS

_RELAY_ROWS = 10
_FETCHED_BYTES = 32_768


def plant(environment: dict[str, str]) -> None:
    """Change what the environment asks for, before the service starts."""
    service.runtime.relay.ROWS = _RELAY_ROWS
    reading: Any = service.adapters.kafka.source
    reading.AIOKafkaConsumer = functools.partial(AIOKafkaConsumer, max_partition_fetch_bytes=_FETCHED_BYTES)
    if mutant := environment.get("CHAOS_MUTANT"):
        MUTANTS[mutant].plant()
    if death := environment.get("CHAOS_DEATH"):
        name, _, passes = death.partition(":")
        boundary = BOUNDARIES[name]
        _die_after(
            boundary.owner, boundary.call, int(passes or 1), signal.Signals[environment.get("CHAOS_SIGNAL", "SIGKILL")]
        )
    if clock := environment.get("CHAOS_CLOCK"):
        _run_by(Path(clock))


def _die_after(owner: Any, call: str, passes: int, by: signal.Signals) -> None:  # noqa: ANN401 (a class or a module)
    original = getattr(owner, call)
    left = passes

    def count() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), by)

    @functools.wraps(original)
    async def dying(*arguments: object, **named: object) -> object:
        result = await original(*arguments, **named)
        count()
        return result

    @functools.wraps(original)
    def dying_at_once(*arguments: object, **named: object) -> object:
        result = original(*arguments, **named)
        count()
        return result

    kind: Callable[..., Awaitable[object] | object] = dying if _is_async(original) else dying_at_once
    setattr(owner, call, kind)


def _is_async(call: Callable[..., object]) -> bool:
    return bool(call.__code__.co_flags & 0x80)


def _run_by(offset: Path) -> None:
    def utc_now() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float(offset.read_text()))

    # The package names a function like the module that it is in.
    composition: Any = import_module("service.app.serve")
    composition.WallTime = functools.partial(WallTime, utc_now)


if __name__ == "__main__":
    plant(dict(os.environ))
    main()
