"""Ladders that nothing answers to, or that lead to teams which do not exist."""

from collections.abc import Iterator

from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.model import Playbook


def escalation_faults(playbook: Playbook) -> Iterator[Fault]:
    asked = playbook.escalation
    teams = tuple(team.id for team in playbook.teams)
    for name, ladder in asked.ladders.items():
        for at, step in enumerate(ladder.steps):
            if step.to not in teams:
                yield unknown(("escalation", "ladders", name, "steps", at, "to"), "team", step.to, teams)
    used: tuple[tuple[Path, str | None], ...] = (
        (("escalation", "ladder"), asked.ladder),
        (("escalation", "dispute"), asked.dispute),
        *((("teams", at, "ladder"), team.ladder) for at, team in enumerate(playbook.teams)),
    )
    for path, wanted in used:
        if wanted is not None and wanted not in asked.ladders:
            yield unknown(path, "ladder", wanted, asked.ladders)
    for name in asked.ladders:
        if name not in [wanted for _, wanted in used]:
            message = "nobody climbs this ladder; name it in a team, in ladder or dispute, or take it out"
            yield Fault(path=("escalation", "ladders", name), message=message)
