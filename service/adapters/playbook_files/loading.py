"""A playbook's files or documents -> Loaded: the playbook with its digest, or every fault with its line and column.

Faults of YAML, of the model, of relations and of conditions are found in one go: what the model refuses is set aside
and the rest is checked all the same. Nothing that a text holds makes loading raise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from service.adapters.playbook_files.checking import check, warned
from service.adapters.playbook_files.gathering import Gathered, gather_documents, gather_path
from service.adapters.playbook_files.merging import merge
from service.adapters.playbook_files.report import LocatedFault, order
from service.adapters.playbook_files.tree import Place
from service.core.playbook.digest import canonical_text, digest
from service.core.playbook.model import Playbook

MAX_FAULTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A playbook with its canonical `text` and the digest of it, or, with any fault, None and two empty texts.

    `documents` are the files as their authors wrote them, by name; `load_text` takes these as well as the text.
    `warnings` are of a playbook without faults.
    """

    playbook: Playbook | None
    faults: tuple[LocatedFault, ...]
    digest: str
    text: str
    documents: Mapping[str, str]
    warnings: tuple[LocatedFault, ...] = ()


def load(path: Path) -> Loaded:
    return _load(gather_path(path))


def load_text(documents: Mapping[str, str]) -> Loaded:
    """Load texts by their names, such as the files sent to the API or `{"playbook": row.text}`."""
    return _load(gather_documents(documents))


def _load(gathered: Gathered) -> Loaded:
    root, merging = merge(gathered.trees)
    located = [_located(fault.place, fault.message) for fault in (*gathered.faults, *merging)]
    # Where a file could not be read, what it holds would be missed everywhere, and name faults that are none.
    if root is None or any(fault.fatal for fault in gathered.faults):
        return _refused(gathered, located)
    playbook, found = check(root)
    located.extend(_located(fault.place, fault.message, fault.path) for fault in found)
    if playbook is None or located:
        return _refused(gathered, located)
    try:
        text = canonical_text(playbook)
    except ValueError as error:
        return _refused(gathered, [_located(root.place, str(error))])
    return Loaded(
        playbook=playbook,
        faults=(),
        digest=digest(text),
        text=text,
        documents=gathered.documents,
        warnings=tuple(_located(one.place, one.message, one.path) for one in warned(root, playbook)),
    )


def _located(place: Place, message: str, path: tuple[str | int, ...] = ()) -> LocatedFault:
    return LocatedFault(file=place.file, line=place.line, column=place.column, path=path, message=message)


def _refused(gathered: Gathered, located: Iterable[LocatedFault]) -> Loaded:
    ordered = sorted(set(located), key=order)
    if len(ordered) > MAX_FAULTS:
        further = f"{len(ordered) - MAX_FAULTS} further faults are not shown"
        ordered[MAX_FAULTS:] = [replace(ordered[MAX_FAULTS], path=(), message=further)]
    return Loaded(playbook=None, faults=tuple(ordered), digest="", text="", documents=gathered.documents)
