"""Playbook -> every relation in it that does not hold, all at once, each with its place and what to do.

The model has seen to the shape of each part; here are names that nothing answers to, ids given twice, routes that
nothing reaches, words that decide nothing, and conditions that can not be judged.
"""

from collections.abc import Iterator
from itertools import islice

from service.core.playbook.faults.access import access_faults
from service.core.playbook.faults.calendars import calendar_faults
from service.core.playbook.faults.cases import case_faults
from service.core.playbook.faults.channels import channel_faults
from service.core.playbook.faults.contradictions import contradiction_faults
from service.core.playbook.faults.customers import customer_faults
from service.core.playbook.faults.escalations import escalation_faults
from service.core.playbook.faults.fault import Fault
from service.core.playbook.faults.figures import figure_faults
from service.core.playbook.faults.ids import id_faults
from service.core.playbook.faults.inhibitions import inhibition_faults
from service.core.playbook.faults.outreach import outreach_faults
from service.core.playbook.faults.ownership import ownership_faults
from service.core.playbook.faults.routes import route_faults
from service.core.playbook.faults.taxonomy import taxonomy_faults
from service.core.playbook.faults.volume import volume_faults
from service.core.playbook.faults.wording import wording_faults
from service.core.playbook.model import Playbook, Route

__all__ = ["MAX_FAULTS", "MAX_PARTS", "Fault", "faults"]

# Categories, teams, routes and so on that one playbook may have; the checks compare them with each other.
MAX_PARTS = 1000
# Nobody reads further, and each may have been compared with a thousand names.
MAX_FAULTS = 1000


def faults(playbook: Playbook) -> tuple[Fault, ...]:
    """Return the relations that do not hold; after a thousand the rest is not looked at."""
    return tuple(_size_faults(playbook)) or tuple(islice(_relations(playbook), MAX_FAULTS))


def _relations(playbook: Playbook) -> Iterator[Fault]:
    yield from id_faults(playbook)
    yield from wording_faults(playbook)
    yield from taxonomy_faults(playbook)
    yield from figure_faults(playbook)
    yield from volume_faults(playbook)
    yield from contradiction_faults(playbook)
    yield from route_faults(playbook)
    yield from ownership_faults(playbook)
    yield from customer_faults(playbook)
    yield from calendar_faults(playbook)
    yield from inhibition_faults(playbook)
    yield from escalation_faults(playbook)
    yield from access_faults(playbook)
    yield from outreach_faults(playbook)
    yield from channel_faults(playbook)
    yield from case_faults(playbook)


def _size_faults(playbook: Playbook) -> Iterator[Fault]:
    for part, count in (
        ("sources", len(playbook.sources)),
        ("taxonomy", len(playbook.taxonomy)),
        ("processes", len(playbook.processes)),
        ("teams", len(playbook.teams)),
        ("channels", len(playbook.channels)),
        ("calendars", len(playbook.calendars)),
        ("routes", _count(playbook.routes)),
        ("tests", len(playbook.tests)),
        ("severity.priority", len(playbook.severity.priority)),
    ):
        if count > MAX_PARTS:
            yield Fault(path=tuple(part.split(".")), message=f"has {count} entries; a playbook has at most {MAX_PARTS}")


def _count(node: Route) -> int:
    return 1 + sum(_count(child) for child in node.routes)
