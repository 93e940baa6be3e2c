"""Path -> the trees of a playbook: one file, or a folder's *.yaml and those of its `sources`, with all they include.

An include is relative to the file that names it and must stay inside the playbooks folder, which is the one that holds
the playbook; a link that leads out of it is refused as well. Files that can not be read are faults, not exceptions.
"""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from service.adapters.playbook_files.merging import INCLUDE
from service.adapters.playbook_files.tree import Node, Place, TextFault
from service.adapters.playbook_files.yaml_reading import MAX_BYTES, read_tree

MAX_FILES = 200
# Of all files together: four times what the largest playbook that people can review has, and read in a few seconds.
MAX_TOTAL_BYTES = 4 * MAX_BYTES
_TOO_MANY_FILES = f"a playbook has at most {MAX_FILES} files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Texts by name relative to the playbooks folder, the trees in the order of these names, and the faults."""

    documents: Mapping[str, str]
    trees: tuple[Node, ...]
    faults: tuple[TextFault, ...]


@dataclass(frozen=True, slots=True)
class _Refused:
    message: str


# name, whether it was asked for by an include -> the text
_Read = Callable[[str, bool], str | _Refused]


def gather_path(path: Path) -> Gathered:
    """Read from the disk; faults name the files as `path` did."""
    given = path if path.name not in {"", ".."} else path.resolve()
    root = given.parent
    if not given.is_dir():
        return _gather([given.name], lambda name, included: _from_disk(root, name, inside=included), root)
    files = sorted((*given.glob("*.yaml"), *given.glob("sources/*.yaml")))
    if not files:
        return _nothing(str(given), "holds no *.yaml file")
    names = [file.relative_to(root).as_posix() for file in files]
    return _gather(names, lambda name, included: _from_disk(root, name, inside=included), root)


def gather_documents(documents: Mapping[str, str]) -> Gathered:
    """Take texts that are all there; an include must name one of them."""
    if not documents:
        return _nothing("playbook", "there is no document")
    missing = _Refused("is not among the documents; send it along")
    return _gather(sorted(documents), lambda name, _: documents.get(name, missing), Path())


def _nothing(file: str, message: str) -> Gathered:
    return Gathered(documents={}, trees=(), faults=(TextFault(Place(file), message, fatal=True),))


def _gather(names: list[str], read: _Read, root: Path) -> Gathered:
    documents: dict[str, str] = {}
    trees: dict[str, Node] = {}
    faults: list[TextFault] = []
    asked: set[str] = set(names)
    queue: list[tuple[str, Place | None]] = [(name, None) for name in names[:MAX_FILES]]
    if len(names) > MAX_FILES:
        faults.append(TextFault(Place(str(root / names[MAX_FILES])), _TOO_MANY_FILES, fatal=True))
    total = 0
    while queue:
        name, named_at = queue.pop(0)
        text = read(name, named_at is not None)
        if isinstance(text, _Refused):
            faults.append(TextFault(named_at or Place(str(root / name)), f"{name} {text.message}", fatal=True))
            continue
        total += len(text.encode(errors="replace"))
        if total > MAX_TOTAL_BYTES:
            message = f"the files together are larger than {MAX_TOTAL_BYTES} bytes; shorten them"
            faults.append(TextFault(named_at or Place(str(root / name)), message, fatal=True))
            break
        documents[name] = text
        tree, found = read_tree(str(root / name), text)
        faults.extend(found)
        if tree is None:
            continue
        trees[name] = tree
        for include, place in _includes(tree, faults):
            wanted = posixpath.normpath(posixpath.join(posixpath.dirname(name), include))
            if posixpath.isabs(wanted) or wanted.startswith(".."):
                faults.append(TextFault(place, f"{include} is not in the playbooks folder; copy it there", fatal=True))
            elif wanted not in asked and len(asked) == MAX_FILES:
                faults.append(TextFault(place, _TOO_MANY_FILES, fatal=True))
            elif wanted not in asked:
                asked.add(wanted)
                queue.append((wanted, place))
    return Gathered(documents=documents, trees=tuple(trees[name] for name in sorted(trees)), faults=tuple(faults))


def _includes(tree: Node, faults: list[TextFault]) -> list[tuple[str, Place]]:
    if not isinstance(tree.value, Mapping) or INCLUDE not in tree.value:
        return []
    entry = tree.value[INCLUDE]
    parts = entry.node.value if isinstance(entry.node.value, tuple) else (entry.node,)
    found = [(part.value, part.place) for part in parts if isinstance(part.value, str)]
    if len(found) < len(parts):
        faults.append(TextFault(entry.node.place, "write include as a list of file names"))
    return found


def _from_disk(root: Path, name: str, *, inside: bool) -> str | _Refused:
    file = root / name
    try:
        if inside and not file.resolve().is_relative_to(root.resolve()):
            return _Refused("leads out of the playbooks folder; copy it there")
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return _Refused(f"can not be read: {error.strerror or type(error).__name__}")
    except ValueError:
        # A name with a zero character, which no file has.
        return _Refused("is no file name")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(raw) > MAX_BYTES:
            return raw.decode("utf-8", errors="replace")
        return _Refused(f"is not UTF-8, from byte {error.start} on")
