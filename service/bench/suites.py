"""The names of suites -> their figures, with what they were measured on."""

import os
import platform
from collections.abc import Sequence
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Any, assert_never

from service import __version__
from service.bench.end_to_end import end_to_end
from service.bench.fatigue import Asked, fatigue
from service.bench.latency import latency
from service.bench.links import links
from service.bench.queue import queues
from service.bench.routes import routes
from service.bench.scale import Say, Scale
from service.bench.stages import stages
from service.bench.stream import stream
from service.bench.ticks import ticks
from service.core.pipeline.rules import Rules

_LIBRARIES = ("aiokafka", "asyncpg", "orjson", "pydantic", "numpy", "scikit-learn")


class Suite(StrEnum):
    """What can be measured."""

    END_TO_END = "end-to-end"
    CORE = "core"
    VOLUME = "volume"
    ROUTES = "routes"
    FATIGUE = "fatigue"
    LINKS = "links"
    CLASSIFY = "classify"
    QUEUE = "queue"
    STREAM = "stream"
    LATENCY = "latency"


async def run(  # noqa: C901 - one case for each suite
    suites: Sequence[Suite],
    rules: Rules,
    scale: Scale,
    say: Say,
    asked: Asked | None = None,
    *,
    with_classifier: bool = False,
) -> dict[str, Any]:
    """Measure one suite after another; `say` hears how far it has come, `asked` is what fatigue is measured on.

    With `with_classifier` the whole road is taken a second time by a playbook that listens to one.

    Raises:
        EmbeddedUnavailable: a server of our own does not start.
        OutOfReachError: one that was named does not answer, or a run took too long.
    """
    found: dict[str, Any] = {}
    for suite in suites:
        match suite:
            case Suite.END_TO_END:
                found[suite.value] = await end_to_end(rules, scale, say, with_classifier=with_classifier)
            case Suite.CORE:
                found[suite.value] = await stages(rules, scale, say)
            case Suite.VOLUME:
                found[suite.value] = ticks(rules, scale, say)
            case Suite.ROUTES:
                found[suite.value] = await routes(rules, scale, say)
            case Suite.FATIGUE:
                found[suite.value] = await fatigue(asked or Asked(), scale, say)
            case Suite.LINKS:
                found[suite.value] = await links(rules, scale, say)
            case Suite.QUEUE:
                found[suite.value] = await queues(rules, scale, say)
            case Suite.STREAM:
                found[suite.value] = await stream(scale, say)
            case Suite.LATENCY:
                found[suite.value] = await latency(rules, scale, say)
            case Suite.CLASSIFY:
                from service.bench.classify import classify  # noqa: PLC0415 - training takes a second to import.

                found[suite.value] = classify(rules, scale, say)
            case never:
                assert_never(never)
    return {**found, "machine": _machine(), "versions": _versions(), "seed": scale.seed, "playbook": rules.digest}


def _machine() -> dict[str, Any]:
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "load_average": [round(load, 2) for load in os.getloadavg()],
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _versions() -> dict[str, str]:
    return {
        "feedback-router": __version__,
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }
