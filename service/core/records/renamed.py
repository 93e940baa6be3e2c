"""Categories under the ids of an earlier taxonomy -> the same under those of the present one.

Whatever is read of what was stored goes through here, so that a new version of the taxonomy breaks no count.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from service.core.records.decisions import Contribution
from service.core.records.feedback import Categorised

# The id that a category had -> the one that it has.
Renamed = Mapping[str, str]


def current(category: str, renamed: Renamed) -> str:
    """Return what a category is called now."""
    return renamed.get(category, category)


def as_current(one: Contribution, renamed: Renamed) -> Contribution:
    """Return a contribution as if the present taxonomy had named it; the same one where nothing is to be changed."""
    refiled = one.refiled
    names = {one.began_as, *_names(one.categorised)}
    if refiled is not None:
        names |= {refiled.began_as, *_names(refiled.categorised)}
        refiled = replace(
            refiled,
            began_as=current(refiled.began_as, renamed),
            categorised=_current(refiled.categorised, renamed),
        )
    if not renamed.keys() & names:
        return one
    categorised = _current(one.categorised, renamed)
    return replace(one, began_as=current(one.began_as, renamed), categorised=categorised, refiled=refiled)


def _names(was: Categorised) -> set[str | None]:
    return {was.category, was.stage, was.outcome, *was.categories}


def _current(was: Categorised, renamed: Renamed) -> Categorised:
    return replace(
        was,
        category=current(was.category, renamed),
        categories=tuple(dict.fromkeys(current(name, renamed) for name in was.categories)),
        stage=was.stage and current(was.stage, renamed),
        outcome=was.outcome and current(was.outcome, renamed),
    )
