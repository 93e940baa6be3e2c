"""A merged tree -> the playbook, if it is one, and every fault of the model, of its relations and of its sources.

What the model refuses is reported, set aside, and the rest checked all the same; what only follows from something set
aside is not reported.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from service.adapters.playbook_files.tree import Node, Place, Steps, plain, texts, walk, without
from service.core.mapping import compile_source
from service.core.playbook.faults import faults
from service.core.playbook.model import Playbook
from service.core.taxonomy import example_faults, warnings

# Each round sets aside what is still refused: a value, then what can not be without it, and so on outwards.
_ROUNDS = 10


@dataclass(frozen=True, slots=True)
class ModelFault:
    """A fault of the document: the place of the value or key, and its path."""

    place: Place
    path: Steps
    message: str


def check(root: Node) -> tuple[Playbook | None, tuple[ModelFault, ...]]:
    """Return the playbook of what is sound, and the faults; without the parts that it must have there is none."""
    tree, aside = root, _Aside()
    found: list[ModelFault] = []
    for _ in range(_ROUNDS):
        try:
            playbook = Playbook.model_validate(plain(tree))
        except ValidationError as error:
            refused = error.errors(include_url=False, include_context=False, include_input=False)
            found.extend(_model_faults(tree, refused, aside))
            paths = frozenset(_to_set_aside(tree, fault) for fault in refused)
            if () in paths:
                break
            aside.note(tree, paths)
            tree = without(tree, paths)
        else:
            found.extend(_relation_faults(tree, playbook, aside))
            return playbook, tuple(found)
    return None, tuple(found)


@dataclass(slots=True)
class _Aside:
    """What was set aside: the steps to it from the places of its holders, and the names that went with it."""

    steps: set[tuple[Place, str | int]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def note(self, tree: Node, paths: frozenset[Steps]) -> None:
        for path in paths:
            nodes = [tree, *(entry.node for _, entry in walk(tree, path))]
            self.steps.add((nodes[-2].place, path[-1]))
            self.names.update(texts(nodes[-1]), (str(step) for step in path))

    def explains(self, refused: ErrorDetails, holder: Place) -> bool:
        """Say whether something is missing only because it was set aside: a field, or the items of a list."""
        match refused["type"]:
            case "missing":
                return (holder, refused["loc"][-1]) in self.steps
            case "too_short":
                return any(place == holder for place, _ in self.steps)
            case _:
                return False


def _model_faults(tree: Node, refused: list[ErrorDetails], aside: _Aside) -> Iterator[ModelFault]:
    messages: dict[tuple[Place, Steps], list[str]] = defaultdict(list)
    for fault in refused:
        trail = list(walk(tree, fault["loc"]))
        held = trail[-1][1].node if trail else tree
        if aside.explains(fault, held.place):
            continue
        path = tuple(step for step, _ in trail)
        is_key = bool(trail) and (fault["type"] == "extra_forbidden" or fault["loc"][-1] == "[key]")
        place = trail[-1][1].key_place if is_key else held.place
        if fault["type"] == "missing":
            path = (*path, fault["loc"][-1])
        messages[place, path].append(_message(fault))
    for (place, path), said in messages.items():
        # A value of several possible types is refused once for each.
        yield ModelFault(place, path, ", or ".join(dict.fromkeys(said)))


def _message(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "missing":
            return "is missing; add it"
        case "extra_forbidden":
            return "is not a field here; correct its name or take it out"
        case "value_error":
            return fault["msg"].removeprefix("Value error, ")
        case _:
            return fault["msg"].removeprefix("Input ")


def _to_set_aside(tree: Node, fault: ErrorDetails) -> Steps:
    path = tuple(step for step, _ in walk(tree, fault["loc"]))
    if path[:1] != ("routes",):
        return path
    # A route without its condition would take everything and hide its neighbours, so it goes as a whole.
    last = max((at for at, step in enumerate(path) if isinstance(step, int)), default=len(path) - 1)
    return path[: last + 1]


def warned(root: Node, playbook: Playbook) -> Iterator[ModelFault]:
    """Say what should be looked at in a playbook without faults."""
    for warning in warnings(playbook):
        trail = list(walk(root, warning.path))
        yield ModelFault(trail[-1][1].node.place if trail else root.place, warning.path, warning.message)


def _relation_faults(tree: Node, playbook: Playbook, aside: _Aside) -> Iterator[ModelFault]:
    holders = {place for place, _ in aside.steps}
    found = faults(playbook)
    # A playbook with faults may be one that no ladder can be made of.
    for fault in chain(found, () if found or holders else example_faults(playbook)):
        trail = list(walk(tree, fault.path))
        held = trail[-1][1].node if trail else tree
        if fault.missing not in aside.names and held.place not in holders:
            yield ModelFault(held.place, fault.path, fault.message)
    for name, source in playbook.sources.items():
        compiled = compile_source(name, source)
        if isinstance(compiled, tuple):
            for wrong in compiled:
                path = ("sources", name, *wrong.where)
                trail = list(walk(tree, path))
                yield ModelFault(trail[-1][1].node.place, path, wrong.message)
