"""A playbook whose rules still name categories by ids that were replaced -> the same rules under the present ids.

Conditions (`when`) are left as they are: what their texts stand for is not known.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from service.core.playbook.faults.fault import Path
from service.core.playbook.model import Playbook
from service.core.playbook.taxonomy import renamed

# The parts of a playbook that name categories as `category`, as `zero_tolerance`, or as what labels mean.
_PARTS = ("routes", "teams", "inhibit", "volume", "crosswalk")
_NAMES = frozenset({"category", "stage", "outcome", "zero_tolerance"})


def under_current_ids(playbook: Playbook) -> Playbook:
    """Return the playbook as its authors would write it now."""
    new = renamed(playbook.taxonomy)
    if not new:
        return playbook
    document = playbook.model_dump(by_alias=True)
    for part in _PARTS:
        document[part] = _mapped(document[part], new, names=part == "crosswalk")
    return Playbook.model_validate(document)


def old_ids(playbook: Playbook) -> Iterator[tuple[Path, str]]:
    """Yield where a rule names a category by an id that was replaced, and that id."""
    new = renamed(playbook.taxonomy)
    document = playbook.model_dump(by_alias=True, include=set(_PARTS)) if new else {}
    for part, held in document.items():
        yield from _found((part,), held, new, names=part == "crosswalk")


def _mapped(held: Any, new: Mapping[str, str], *, names: bool) -> Any:  # noqa: ANN401 - any part of a document
    match held:
        case dict():
            return {key: _mapped(value, new, names=names or key in _NAMES) for key, value in held.items()}
        case list() | tuple():
            found = [_mapped(one, new, names=names) for one in held]
            return list(dict.fromkeys(found)) if names else found
        case str() if names:
            return new.get(held, held)
        case _:
            return held


def _found(path: Path, held: Any, new: Mapping[str, str], *, names: bool) -> Iterator[tuple[Path, str]]:  # noqa: ANN401 - as above
    match held:
        case dict():
            for key, value in held.items():
                yield from _found((*path, key), value, new, names=names or key in _NAMES)
        case list() | tuple():
            for at, one in enumerate(held):
                yield from _found((*path, at), one, new, names=names)
        case str() if names and held in new:
            yield path, held
        case _:
            return
