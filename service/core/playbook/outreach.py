"""Who is told what became of their feedback: the tool that it came from, and the employees who said it."""

from typing import Annotated

from pydantic import Field, StringConstraints

from service.core.playbook.fields import Part

TopicName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,249}$")]
_Prefix = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Outreach(Part):
    """`outcomes` tells tools, `employees` those who work in the process; `topics` names the topic of some sources.

    A source is known by how its name begins; of several the longest holds.
    """

    outcomes: bool = True
    employees: bool = True
    topics: Annotated[dict[_Prefix, TopicName], Field(max_length=100)] = {}
