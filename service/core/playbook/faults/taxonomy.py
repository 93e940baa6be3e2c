"""Categories that nobody answers for, that say what their axis can not have, and labels that mean nothing."""

from collections.abc import Iterator

from service.core.playbook.faults.fault import Fault, unknown
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import EVERY, known_ids
from service.core.records.words import UNMAPPED, Axis


def taxonomy_faults(playbook: Playbook) -> Iterator[Fault]:
    teams = tuple(team.id for team in playbook.teams)
    for at, category in enumerate(playbook.taxonomy):
        if category.owner is not None and category.owner not in teams:
            yield unknown(("taxonomy", at, "owner"), "team", category.owner, teams)
        if category.process is not None and category.axis is not Axis.ISSUE:
            message = f"is what an issue is about, and this is {category.axis.value}; take it out"
            yield Fault(path=("taxonomy", at, "process"), message=message)
    asked = playbook.taxonomy_review
    if asked is not None and asked.team not in teams:
        yield unknown(("taxonomy_review", "team"), "team", asked.team, teams)
    yield from _replaced(playbook)
    yield from _crosswalk(playbook)


def _replaced(playbook: Playbook) -> Iterator[Fault]:
    ids = {UNMAPPED, *(category.id for category in playbook.taxonomy)}
    claimed: dict[str, str] = {}
    for at, category in enumerate(playbook.taxonomy):
        for place, old in enumerate(category.replaces):
            path = ("taxonomy", at, "replaces", place)
            if old in ids:
                message = f"{old} is still there; only an id that is no category any more can be replaced"
                yield Fault(path=path, message=message)
            elif claimed.setdefault(old, category.id) != category.id:
                message = f"{claimed[old]} replaces {old} already; one old id becomes one new category"
                yield Fault(path=path, message=message)


def _crosswalk(playbook: Playbook) -> Iterator[Fault]:
    categories = tuple(name for axis in Axis for name in known_ids(playbook.taxonomy, axis))
    for source, meant in playbook.crosswalk.items():
        # An event that arrives as a CloudEvent names its source by a URI, which no playbook lists.
        if source != EVERY and source not in playbook.sources and not {"/", ":"} & set(source):
            yield unknown(("crosswalk", source), "source", source, tuple(playbook.sources))
        folded: dict[str, str] = {}
        for label, name in meant.items():
            if name not in categories:
                yield unknown(("crosswalk", source, label), "category", name, categories)
            if folded.setdefault(label.casefold(), label) != label:
                message = f"is here already as {folded[label.casefold()]!r}; case does not matter"
                yield Fault(path=("crosswalk", source, label), message=message)
