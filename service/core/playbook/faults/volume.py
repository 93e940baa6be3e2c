"""Thresholds that contradict each other or name what is not there, and rules of which one can never hold."""

from collections.abc import Iterator
from datetime import timedelta

from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import known_ids
from service.core.playbook.volume import Cuts, Volume, VolumeRule
from service.core.records.words import Axis

_PAIRS = (("local_min", "formal_min"), ("local_min_customers", "formal_min_customers"))
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
# What the cuts depend on beside the tenant's own figures.
_SOLVED_FOR = ("tick", "half_life_weeks", "two_of_three", "several_regions")


def volume_faults(playbook: Playbook) -> Iterator[Fault]:
    volume = playbook.volume
    yield from _figures(("volume",), volume, None)
    yield from _cuts(("volume", "siblings"), volume.sibling_cuts())
    yield from _calibration(volume)
    yield from _downtime(volume)
    categories = known_ids(playbook.taxonomy, Axis.ISSUE)
    for at, category in enumerate(volume.zero_tolerance):
        if category not in categories:
            yield unknown(("volume", "zero_tolerance", at), "category", category, categories)
    if volume.several_regions and not volume.by_region:
        message = "counts regions, which by_region: false puts together; set by_region, or leave this out"
        yield Fault(path=("volume", "several_regions"), message=message)
    processes = tuple(process.id for process in playbook.processes)
    held: dict[tuple[str | None, ...], str] = {}
    ids: set[str] = set()
    for at, rule in enumerate(volume.thresholds):
        path: Path = ("volume", "thresholds", at)
        yield from _figures(path, volume, rule)
        for name, given, known in (("process", rule.process, processes), ("category", rule.category, categories)):
            if given is not None and given not in known:
                yield unknown((*path, name), name, given, known)
        if rule.region is not None and not volume.by_region:
            message = "names a region, of which by_region: false knows none; set by_region, or leave the region out"
            yield Fault(path=(*path, "region"), message=message)
        if rule.id in ids:
            message = f"{rule.id!r} is in thresholds already; give each its own id"
            yield Fault(path=(*path, "id"), message=message)
        ids.add(rule.id)
        cells = (rule.process, rule.category, rule.region)
        if cells in held:
            message = f"is for the same cells as {held[cells]!r}; one rule holds for a cell, so put the two together"
            yield Fault(path=path, message=message)
        held.setdefault(cells, rule.id)


def _figures(path: Path, volume: Volume, rule: VolumeRule | None) -> Iterator[Fault]:
    yield from _cuts(path, volume.cuts(rule))
    for local, formal in _PAIRS:
        least, most = volume.figure(local, rule), volume.figure(formal, rule)
        if least > most:
            message = f"{least:g} is above {formal}, {most:g}; a local adjustment must come before a formal review"
            yield Fault(path=(*path, local), message=message)


def _downtime(volume: Volume) -> Iterator[Fault]:
    given = volume.downtime
    if not timedelta() < given.least <= _DAY:
        message = "is no part of a day: 0s would take every day for one of a downtime, more than 24h none"
        yield Fault(path=("volume", "downtime", "least"), message=message)
    if given.after > _WEEK:
        message = (
            "is longer than 7d; who complains of a downtime does so within days, and the store looks no further back"
        )
        yield Fault(path=("volume", "downtime", "after"), message=message)


def _calibration(volume: Volume) -> Iterator[Fault]:
    """Cuts that were found for another rule spend another budget."""
    held = volume.calibrated
    if held is None:
        return
    for name, found, now in (
        *((name, getattr(held, name), getattr(volume, name)) for name in _SOLVED_FOR),
        ("siblings", held.siblings is not None, volume.siblings.enabled),
    ):
        if found != now:
            change = f"{name} {_said(found)}, and it is {_said(now)} now"
            message = f"was solved with {change}; run simulate-volume --solve again"
            yield Fault(path=("volume", "calibrated", name), message=message)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "unset" if value is None else str(value)


def _cuts(path: Path, cuts: Cuts) -> Iterator[Fault]:
    if cuts.local > cuts.formal:
        message = f"{cuts.local} is above h_formal, {cuts.formal}; a local adjustment must come before a formal review"
        yield Fault(path=(*path, "h_local"), message=message)
