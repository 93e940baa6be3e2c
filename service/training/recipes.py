"""What is known of the lines -> the heads that are tried on them."""

from collections.abc import Sequence

from service.core.classify import QUESTION, TEXT
from service.training.solving import Recipe

# Below that many lines a class, choosing among settings by held-out lines would choose by luck.
FEW_A_CLASS = 30

_FREEDOMS_OF_TEXT = (3.0, 20.0)
_FREEDOMS_OF_VECTORS = (3.0, 20.0)


def recipes(*, a_class: float, asks: bool, dense: Sequence[str]) -> Sequence[Recipe]:
    """Return what is tried, by `name`: of those with one name the best is kept."""
    aside = (QUESTION,) if asks else ()
    if a_class < FEW_A_CLASS:
        return [
            Recipe(name=TEXT, views=(TEXT, *aside), freedom=20.0),
            *(Recipe(name=view, views=(view, *aside), freedom=100.0) for view in dense),
        ]
    return [
        *(Recipe(name=TEXT, views=(TEXT, *aside), freedom=freedom) for freedom in _FREEDOMS_OF_TEXT),
        *(Recipe(name=view, views=(view, *aside), freedom=by) for view in dense for by in _FREEDOMS_OF_VECTORS),
        *(
            Recipe(name=f"{TEXT}+{view}", views=(TEXT, view, *aside), freedom=by)
            for view in dense
            for by in _FREEDOMS_OF_TEXT
        ),
    ]
