"""Runs -> what a person and a machine read of them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from tests.chaos.run import Ran
from tests.chaos.verdict import Kind

_MOST_SHOWN = 12


def line(ran: Ran) -> str:
    """Say in one line how a run went."""
    named = f"{ran.fault}{f' with {ran.mutant}' if ran.mutant else ''}"
    where = (
        f"{ran.workers} worker{'s' if ran.workers > 1 else ''}, {ran.brokers} broker{'s' if ran.brokers > 1 else ''}"
    )
    slowest = f", recovered in {max(ran.recoveries):.1f} s" if ran.recoveries else ""
    found = sum(ran.findings.counts().values())
    ended = "no end" if ran.error else f"{found} found" if found else "clean"
    done = f"{ran.events} events, {ran.faults} faults, {ran.acts} acts"
    said = f"{named} ({where}, seed {ran.seed}): {ended}; {done}{slowest}"
    return "; ".join([said, f"{ran.seconds:.0f} s", *ran.notes])


def details(ran: Ran) -> str:
    """Name the first findings of a run, and why it came to no end if it did not."""
    found = [f"  {one.kind.value}: {one.what}" for one in ran.findings.found[:_MOST_SHOWN]]
    more = len(ran.findings.found) - len(found)
    return "\n".join([*found, *([f"  and {more} more"] if more > 0 else []), *([ran.error] if ran.error else [])])


def summary(runs: Sequence[Ran]) -> dict[str, Any]:
    """Add runs up: what was found per million events, and how soon partitions moved again."""
    events = sum(ran.events for ran in runs)
    found = {kind.value: sum(ran.findings.counts()[kind.value] for ran in runs) for kind in Kind}
    recoveries = sorted(seconds for ran in runs for seconds in ran.recoveries)
    return {
        "runs": len(runs),
        "events": events,
        "faults": sum(ran.faults for ran in runs),
        "acts": sum(ran.acts for ran in runs),
        "no_end": sum(bool(ran.error) for ran in runs),
        "found": found,
        "per_million_events": {
            name: round(count * 1e6 / events, 1) if events else None for name, count in found.items()
        },
        "left_out": {
            "alerts": sum(ran.findings.unclaimed for ran in runs),
            "events": sum(ran.findings.swayed for ran in runs),
        },
        "recovery_seconds": {
            "measured": len(recoveries),
            "median": round(median(recoveries), 2) if recoveries else None,
            "longest": round(recoveries[-1], 2) if recoveries else None,
        },
    }


def write(runs: Sequence[Ran], total: Mapping[str, Any], path: Path, **about: object) -> None:
    """Write the whole report as JSON: what it is about, the totals, and each run."""
    document = {
        **about,
        **total,
        "each": [
            {
                "fault": ran.fault,
                "workers": ran.workers,
                "brokers": ran.brokers,
                "seed": ran.seed,
                "mutant": ran.mutant or None,
                "events": ran.events,
                "faults": ran.faults,
                "acts": ran.acts,
                "seconds": round(ran.seconds, 1),
                "recovery_seconds": [round(one, 2) for one in ran.recoveries],
                "found": ran.findings.counts(),
                "first": [f"{one.kind.value}: {one.what}" for one in ran.findings.found[:_MOST_SHOWN]],
                "notes": list(ran.notes),
                "error": ran.error or None,
            }
            for ran in runs
        ],
    }
    path.write_text(json.dumps(document, indent=2) + "\n")
