"""The playbook's YAML, as far as the retail playbook goes: a folder of files that are read as one document."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.oracle.calendars import Budget, Hours, budgets, quiet_hours

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HighValue:
    """Whose late cases are told of, how bad they are, and who hears of them if not the team of the process."""

    tiers: frozenset[str]
    severity: str
    team: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """So many unresolved cases that began within a time of one another put a customer at risk."""

    cases: int
    within: timedelta
    severity: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How soon a good answer settles a complaint, and whether the end of its tickets does."""

    recovered_within: timedelta
    tickets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Playbook:
    """The parts of the document as YAML has them, and what is looked up by name."""

    taxonomy: list[dict[str, Any]]
    teams: list[dict[str, Any]]
    routes: dict[str, Any]
    severity: dict[str, Any]
    volume: dict[str, Any]
    floor: str
    answers_floor: int
    recontact_days: int
    wait: timedelta
    reopen_window: timedelta
    auto_close: timedelta
    stale_after: timedelta
    outcome: Outcome
    # Every name of a process, folded, and the id that it stands for; then the team of each id.
    process_names: Mapping[str, str]
    process_teams: Mapping[str, str]
    process_of_category: Mapping[str, str]
    # How long after its start an instance of a process is to be completed, and what is told of high-value customers.
    process_limits: Mapping[str, timedelta]
    high_value: HighValue
    at_risk: AtRisk
    # How long a link may change, how long after its end an instance is still meant, and how numbers are written.
    link_wait: timedelta
    link_window: timedelta
    forms: tuple[str, ...]
    # The processes that list a touchpoint, folded.
    touchpoints: Mapping[str, frozenset[str]]
    # The quiet hours, and the budgets, of the teams that have some.
    quiet: Mapping[str, Hours]
    budgets: Mapping[str, Budget]


def load(folder: Path) -> Playbook:
    document: dict[str, Any] = {}
    for file in sorted(folder.glob("*.yaml")):
        document.update(yaml.safe_load(file.read_text(encoding="utf-8")))
    fatigue, linking = document["fatigue"], document.get("linking", {})
    names = {}
    for process in document["processes"]:
        for name in (process["id"], process["name"], *process.get("aliases", ())):
            names[name.casefold()] = process["id"]
    return Playbook(
        taxonomy=document["taxonomy"],
        teams=document["teams"],
        routes=document["routes"],
        severity=document["severity"],
        volume=document["volume"],
        floor=fatigue["floor"],
        answers_floor=document.get("metrics", {}).get("floor", 30),
        recontact_days=document.get("metrics", {}).get("recontact_days", 7),
        wait=duration(fatigue["wait"]),
        reopen_window=duration(fatigue["reopen_window"]),
        auto_close=duration(fatigue["auto_close"]),
        stale_after=duration(fatigue["stale_after"]),
        outcome=_outcome(fatigue["outcome"]),
        process_names=names,
        process_teams={process["id"]: process["team"] for process in document["processes"]},
        process_of_category={one["id"]: one["process"] for one in document["taxonomy"] if "process" in one},
        process_limits={one["id"]: duration(one["sla"]) for one in document["processes"] if "sla" in one},
        high_value=_high_value(document["high_value"]),
        at_risk=_at_risk(document["at_risk"]),
        link_wait=duration(linking.get("wait", "72h")),
        link_window=duration(linking.get("window", "14d")),
        forms=tuple(one["form"] for one in linking.get("references", ())),
        touchpoints=_touchpoints(document["processes"]),
        quiet=quiet_hours(document),
        budgets=budgets(document),
    )


def _touchpoints(processes: Iterable[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for process in processes:
        for touchpoint in process.get("touchpoints", ()):
            found[touchpoint.casefold()].add(process["id"])
    return {touchpoint: frozenset(ids) for touchpoint, ids in found.items()}


def _high_value(given: Mapping[str, Any]) -> HighValue:
    tiers, severity = frozenset(given["tiers"]), given.get("severity", "high")
    return HighValue(tiers=tiers, severity=severity, team=given.get("team"))


def _outcome(given: Mapping[str, Any]) -> Outcome:
    return Outcome(recovered_within=duration(given.get("recovered_within", "30d")), tickets=given.get("tickets", True))


def _at_risk(given: Mapping[str, Any]) -> AtRisk:
    return AtRisk(
        cases=given.get("cases", 3),
        within=duration(given.get("within", "30d")),
        severity=given.get("severity", "high"),
        team=given["team"],
    )


def duration(text: str) -> timedelta:
    """Read a whole number and a unit, such as 60s, 15m, 24h or 7d."""
    found = re.fullmatch(r"(\d+)([smhd])", text)
    if found is None:
        raise ValueError(f"no duration: {text}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
