"""What a weekly tick of the volume rule costs a cell: counting customers, fitting the prior, weighing, episodes."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from service.bench.scale import Say, Scale
from service.core.pipeline.rules import Rules
from service.core.pipeline.tick import REACH, weigh_cells
from service.core.volume import CellKey, Contact

CELLS = 500
_END = date(2026, 3, 1)
_CUSTOMERS = 20_000
# Cells have rates from rare to busy; together they bring `Scale.events` contacts.
_SKEW = 3.0


def ticks(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return microseconds of CPU per cell and tick, the median of the repeats."""
    contacts = _contacts(scale)
    first_day = _END - REACH
    spent: list[float] = []
    cells = 0
    for number in range(1, scale.repeats + 1):
        before = time.process_time()
        cells = len(weigh_cells(contacts, {}, first_day, _END, rules))
        spent.append((time.process_time() - before) / cells * 1_000_000)
        say(f"volume {number}/{scale.repeats}: {spent[-1]:.0f} us per cell")
    busiest = Counter(contact.cell for contact in contacts).most_common(1)[0][1]
    return {
        "cells": cells,
        "contacts": len(contacts),
        "contacts_of_busiest_cell": busiest,
        "microseconds_per_cell_and_tick": round(median(spent), 1),
    }


def _contacts(scale: Scale) -> list[Contact]:
    dice = Random(scale.seed)
    end = datetime(_END.year, _END.month, _END.day, tzinfo=UTC)
    return [
        Contact(
            cell=CellKey(process=f"process-{cell % 10}", category=f"category-{cell}", region=None),
            customer=f"c-{dice.randrange(_CUSTOMERS)}",
            occurred_at=end - timedelta(days=dice.random() * REACH.days),
        )
        for cell in (int(CELLS * dice.random() ** _SKEW) for _ in range(scale.events))
    ]
