"""What a tick of the volume rule costs: a cell of a usual tenant, and a hundred thousand cells at once."""

import multiprocessing
import resource
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

import numpy as np

from service.bench.scale import Say, Scale
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pipeline.weighing import weigh_cells
from service.core.playbook.model import Playbook
from service.core.volume import CellKey, Contact, Turnout, Watched, turnouts
from service.runtime.due import REACH

CELLS = 500
MANY_CELLS = 100_000
_END = date(2026, 3, 1)
_CUSTOMERS = 20_000
_PROCESSES = 10
# Cells have rates from rare to busy; together they bring `Scale.events` contacts.
_SKEW = 3.0
_MANY_PROCESSES = 100
# Customers a week: the middle cell's, and the spread of the logarithms; 0.5 on average.
_MANY_MEDIAN, _MANY_SIGMA = 0.3, 1.0


def ticks(rules: Rules, scale: Scale, say: Say) -> dict[str, Any]:
    """Return microseconds of CPU per cell and tick, the median of the repeats, and the time and room of a large one."""
    contacts = _contacts(scale)
    watched = Watched(
        contacts=turnouts(contacts),
        states={},
        first_days={f"process-{number}": _END - REACH for number in range(_PROCESSES)},
    )
    spent: list[float] = []
    cells = len(watched.contacts)
    for number in range(1, scale.repeats + 1):
        before = time.process_time()
        weigh_cells(watched, _END, rules)
        spent.append((time.process_time() - before) / cells * 1_000_000)
        say(f"volume {number}/{scale.repeats}: {spent[-1]:.0f} us per cell")
    busiest = Counter(contact.cell for contact in contacts).most_common(1)[0][1]
    say(f"volume: {MANY_CELLS:,} cells at once")
    # In a process of its own, whose greatest size is that of this tick alone.
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        large = pool.submit(_large_tick, rules.playbook, scale.seed, MANY_CELLS).result()
    return {
        "cells": cells,
        "contacts": len(contacts),
        "contacts_of_busiest_cell": busiest,
        "microseconds_per_cell_and_tick": round(median(spent), 1),
        "large_tick": large,
    }


def _contacts(scale: Scale) -> list[Contact]:
    dice = Random(scale.seed)
    end = datetime(_END.year, _END.month, _END.day, tzinfo=UTC)
    return [
        Contact(
            cell=CellKey(process=f"process-{cell % _PROCESSES}", category=f"category-{cell}", region=None),
            customer=f"c-{dice.randrange(_CUSTOMERS)}",
            occurred_at=end - timedelta(days=dice.random() * REACH.days),
        )
        for cell in (int(CELLS * dice.random() ** _SKEW) for _ in range(scale.events))
    ]


def _large_tick(playbook: Playbook, seed: int, cells: int) -> dict[str, Any]:
    """Return the seconds of one tick over so many cells, and the greatest size of the process in MB."""
    dice = np.random.default_rng(seed)
    rates = dice.lognormal(np.log(_MANY_MEDIAN), _MANY_SIGMA, cells)
    contacts: dict[CellKey, Turnout] = {}
    for cell, count in enumerate(dice.poisson(rates * REACH.days / 7).tolist()):
        days = _END.toordinal() - dice.integers(0, REACH.days, count)
        process, category = f"process-{cell % _MANY_PROCESSES}", f"category-{cell // _MANY_PROCESSES}"
        key = CellKey(process=process, category=category, region=None)
        contacts[key] = Turnout(days, dice.integers(0, 10**12, count))
    first_days = {f"process-{number}": _END - REACH for number in range(_MANY_PROCESSES)}
    watched = Watched(contacts=contacts, states={}, first_days=first_days)
    before = time.perf_counter()
    weigh_cells(watched, _END, compile_playbook(playbook))
    return {
        "cells": cells,
        "contacts": sum(len(one.days) for one in contacts.values()),
        "seconds": round(time.perf_counter() - before, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
