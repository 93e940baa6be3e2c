"""Teams that nobody knows and times that never come, in what is asked for high-value customers and those at risk."""

from collections.abc import Iterator
from datetime import timedelta

from service.core.playbook.faults.fault import Fault, unknown
from service.core.playbook.model import Playbook


def customer_faults(playbook: Playbook) -> Iterator[Fault]:
    teams = tuple(team.id for team in playbook.teams)
    yield from _high_value(playbook, teams)
    yield from _at_risk(playbook, teams)


def _high_value(playbook: Playbook, teams: tuple[str, ...]) -> Iterator[Fault]:
    for at, process in enumerate(playbook.processes):
        if process.sla == timedelta():
            message = "makes every case late as it starts; write how long one may take, such as 48h"
            yield Fault(path=("processes", at, "sla"), message=message)
    high = playbook.high_value
    if high is None:
        return
    if all(process.sla is None for process in playbook.processes):
        message = "no process has an sla, so that no case is ever late; give one to a process, such as sla: 48h"
        yield Fault(path=("high_value", "tiers"), message=message, missing="sla")
    if high.team is not None and high.team not in teams:
        yield unknown(("high_value", "team"), "team", high.team, teams)
    for at, tier in enumerate(high.tiers):
        if tier in high.tiers[:at]:
            yield Fault(path=("high_value", "tiers", at), message=f"{tier!r} is in tiers already; take it out")


def _at_risk(playbook: Playbook, teams: tuple[str, ...]) -> Iterator[Fault]:
    at_risk = playbook.at_risk
    if at_risk is None:
        return
    if at_risk.team not in teams:
        yield unknown(("at_risk", "team"), "team", at_risk.team, teams)
    if at_risk.within == timedelta():
        message = "asks for cases that begin in the same instant; write within which time, such as 30d"
        yield Fault(path=("at_risk", "within"), message=message)
