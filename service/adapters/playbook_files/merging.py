"""The trees of several files -> one tree, top-level key by top-level key.

Mappings are joined, lists are put one behind the other in the order of the files' names. What is given twice, or as a
list here and a mapping there, is a fault; the first one stands, so that the rest can be checked as well.
"""

from collections.abc import Iterable, Mapping

from service.adapters.playbook_files.tree import Entry, Node, Place, TextFault

INCLUDE = "include"


def merge(roots: Iterable[Node]) -> tuple[Node | None, tuple[TextFault, ...]]:
    """Merge at least one tree; `include` is left out, since it was followed when the files were gathered."""
    merged: dict[str, Entry] = {}
    faults: list[TextFault] = []
    first: Node | None = None
    for root in roots:
        if not isinstance(root.value, Mapping):
            faults.append(TextFault(root.place, "a playbook file is a mapping, such as `name: My playbook`"))
            continue
        first = first or root
        for key, entry in root.value.items():
            if key == INCLUDE:
                continue
            held = merged.get(key)
            merged[key] = entry if held is None else _joined(key, held, entry, faults)
    return (None if first is None else Node(first.place, merged)), tuple(faults)


def _joined(key: str, held: Entry, entry: Entry, faults: list[TextFault]) -> Entry:
    match held.node.value, entry.node.value:
        case Mapping() as ours, Mapping() as theirs:
            for name in ours.keys() & theirs.keys():
                where = ours[name].key_place
                faults.append(TextFault(theirs[name].key_place, f"{key}.{name} is already given in {_at(where)}"))
            return Entry(held.key_place, Node(held.node.place, {**theirs, **ours}))
        case tuple() as ours, tuple() as theirs:
            return Entry(held.key_place, Node(held.node.place, (*ours, *theirs)))
        case _:
            faults.append(TextFault(entry.key_place, f"{key} is already given in {_at(held.key_place)}"))
            return held


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"
