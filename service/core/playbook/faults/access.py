"""Access that nobody would get: to a team that there is not, or by a line that another one says already."""

from collections.abc import Iterator

from service.core.playbook.access import ALL_TEAMS
from service.core.playbook.faults.fault import Fault, unknown
from service.core.playbook.model import Playbook


def access_faults(playbook: Playbook) -> Iterator[Fault]:
    teams = tuple(team.id for team in playbook.teams)
    said = set()
    for at, one in enumerate(playbook.access):
        for place, team in enumerate(() if one.teams == ALL_TEAMS else one.teams):
            if team not in teams:
                yield unknown(("access", at, "teams", place), "team", team, teams)
        if (one.group, one.role) in said:
            message = f"{one.group!r} is {one.role.value} by an earlier line already; name all its teams there"
            yield Fault(path=("access", at, "group"), message=message)
        said.add((one.group, one.role))
