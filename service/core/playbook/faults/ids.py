"""Ids that are given twice or taken, and names of teams, processes and topics that nothing answers to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.core.playbook.faults.fault import Fault, Path, unknown
from service.core.playbook.model import OWNER, Playbook
from service.core.playbook.taxonomy import known_ids
from service.core.records.words import Axis, FeedbackKind, Severity

# What a feedback's category is called when nothing matches.
_UNMAPPED = "unmapped"


def id_faults(playbook: Playbook) -> Iterator[Fault]:
    yield from _repeated("taxonomy", "id", [category.id for category in playbook.taxonomy])
    yield from _repeated("processes", "id", [process.id for process in playbook.processes])
    for at, reference in enumerate(playbook.linking.references):
        yield from _process(("linking", "references", at, "process"), reference.process, playbook)
    yield from _repeated("teams", "id", [team.id for team in playbook.teams])
    yield from _repeated("tests", "name", [case.name for case in playbook.tests])
    for at, category in enumerate(playbook.taxonomy):
        if category.id == _UNMAPPED:
            yield Fault(path=("taxonomy", at, "id"), message=f"{_UNMAPPED} stands for no category; choose another id")
        yield from _process(("taxonomy", at, "process"), category.process, playbook)
    yield from _processes(playbook)
    yield from _teams(playbook)
    yield from _sources(playbook)


def matcher_faults(path: Path, matcher: Mapping[str, tuple[str, ...]], playbook: Playbook) -> Iterator[Fault]:
    """Check the values of the fields that the playbook or the records close; others may hold anything."""
    known: dict[str, tuple[str, Iterable[str]]] = {
        "category": ("category", (_UNMAPPED, *known_ids(playbook.taxonomy, Axis.ISSUE))),
        "stage": ("stage", known_ids(playbook.taxonomy, Axis.STAGE)),
        "outcome": ("outcome", known_ids(playbook.taxonomy, Axis.OUTCOME)),
        "process": ("process", (process.id for process in playbook.processes)),
        "kind": ("kind", FeedbackKind),
        "severity": ("severity", Severity),
    }
    for name, values in matcher.items():
        if not values:
            yield Fault(
                path=(*path, name), message=f"{name} has no value and so never matches; name one or leave it out"
            )
        closed = known.get(name)
        if closed is not None:
            what, allowed = closed
            names = tuple(str(value) for value in allowed)
            yield from (unknown((*path, name), what, value, names) for value in values if value not in names)
        if name == "source":
            # An event that arrives as a CloudEvent names its source by a URI, which no playbook lists.
            uris = tuple(source.source_uri or f"/{own}" for own, source in playbook.sources.items())
            yield from (
                unknown((*path, name), "source's URI", value, uris)
                for value in values
                if value not in uris and not {"/", ":"} & set(value)
            )


def _processes(playbook: Playbook) -> Iterator[Fault]:
    teams = tuple(team.id for team in playbook.teams)
    claimed = {process.id: process.id for process in playbook.processes}
    for at, process in enumerate(playbook.processes):
        if process.team not in teams:
            yield unknown(("processes", at, "team"), "team", process.team, teams)
        for place, alias in enumerate(process.aliases):
            holder = claimed.setdefault(alias, process.id)
            if holder != process.id:
                message = f"{alias!r} already stands for the process {holder}; an alias stands for one process"
                yield Fault(path=("processes", at, "aliases", place), message=message)


def _teams(playbook: Playbook) -> Iterator[Fault]:
    owned: dict[str, str] = {}
    for at, team in enumerate(playbook.teams):
        if team.id == OWNER:
            message = f"{OWNER!r} is what a route says for whoever owns the matter; choose another id"
            yield Fault(path=("teams", at, "id"), message=message)
        for place, entry in enumerate(team.owns):
            path, matcher = ("teams", at, "owns", place), entry.match
            if not matcher:
                yield Fault(path=path, message="owns everything; name at least one field, or leave it out")
            yield from matcher_faults(path, matcher, playbook)
            if entry.is_dated:
                continue
            claim = repr(sorted((name, sorted(values)) for name, values in matcher.items()))
            holder = owned.setdefault(claim, team.id)
            if holder != team.id:
                message = f"{holder} owns the same, so that neither ever gets it; leave it with one of them"
                yield Fault(path=path, message=message)


def _sources(playbook: Playbook) -> Iterator[Fault]:
    topics: dict[str, str] = {}
    for name, source in playbook.sources.items():
        yield from _process(("sources", name, "process"), source.process, playbook)
        if source.topic is not None and topics.setdefault(source.topic, name) != name:
            message = f"the source {topics[source.topic]} reads this topic already; a topic belongs to one source"
            yield Fault(path=("sources", name, "topic"), message=message)


def _process(path: Path, name: str | None, playbook: Playbook) -> Iterator[Fault]:
    known = tuple(process.id for process in playbook.processes)
    if name is not None and name not in known:
        yield unknown(path, "process", name, known)


def _repeated(part: str, key: str, names: Sequence[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if name in seen:
            yield Fault(path=(part, at, key), message=f"{name!r} is in {part} already; give each its own {key}")
        seen.add(name)
