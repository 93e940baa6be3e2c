"""Contradictions that nobody would hear of, or that nothing could ever be: an unknown team, or no sla to keep."""

from collections.abc import Iterator

from service.core.playbook.faults.fault import Fault, unknown
from service.core.playbook.model import Playbook


def contradiction_faults(playbook: Playbook) -> Iterator[Fault]:
    asked = playbook.contradictions
    if asked is None:
        return
    teams = tuple(team.id for team in playbook.teams)
    if asked.arbiter not in teams:
        yield unknown(("contradictions", "arbiter"), "team", asked.arbiter, teams)
    if all(process.sla is None for process in playbook.processes):
        message = "no process has an sla that feedback could contradict; give one an sla such as 48h, or leave this out"
        yield Fault(path=("contradictions",), message=message)
