"""A seed -> what is said of process instances: in time, late, ended and begun anew, of other tiers and processes.

The demo's run one after another and end once; these are in all the mixtures.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

_STEPS = ("start", "start", "start", "complete", "complete", "cancel", "fail", "suspend", "resume", "schedule")
_PROCESSES = ("delivery", "shipping", "returns", "click-and-collect", "loyalty", "unheard-of")
_TIERS = ("gold", "gold", "gold", "platinum", "silver", None, None)


def runs(seed: int, instances: int, span: timedelta, start: datetime, *, late: timedelta) -> list[Record]:
    """Draw instances that begin within a span, in an order of arrival in which a third of the events is late."""
    dice = Random(seed)
    arriving = [
        (at + (late * dice.random() if dice.random() < 0.3 else timedelta()), number, record)
        for number, (at, record) in enumerate(_all(dice, instances, span, start))
    ]
    return [record for *_, record in sorted(arriving, key=lambda one: one[:2])]


def _all(dice: Random, instances: int, span: timedelta, start: datetime) -> Iterator[tuple[datetime, Record]]:
    for name in range(instances):
        begin, length = start + span * dice.random(), timedelta(days=dice.choice((0.5, 4, 6, 9, 30)))
        process = dice.choice(_PROCESSES)
        for number in range(dice.randrange(1, 7)):
            at = (begin + length * (dice.random() if number else 0)).replace(microsecond=0)
            data = {
                "instance": f"I{name}",
                "process": dice.choice(_PROCESSES) if dice.random() < 0.1 else process,
                "lifecycle": dice.choice(_STEPS) if number else "start",
                "activity": "pack" if dice.random() < 0.2 else None,
                "tier": dice.choice(_TIERS) if number else dice.choice(_TIERS[:4]),
            }
            yield (
                at,
                {
                    "specversion": "1.0",
                    "id": f"{name}-{number}",
                    "source": "/engine",
                    "type": "process.instance.v1",
                    "time": at.isoformat(),
                    "data": {field: value for field, value in data.items() if value is not None},
                },
            )
