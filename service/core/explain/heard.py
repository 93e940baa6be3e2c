"""A feedback's category -> how it was found, what the classifier said, and what would have had to differ."""

from typing import assert_never

from service.core.consult import SURE
from service.core.explain.document import CategoryTold, ModelTold
from service.core.pipeline.rules import Rules
from service.core.records.feedback import Categorised
from service.core.records.heard import ModelSaid
from service.core.records.words import Abstained, CategoryMethod, ModelUse

_SHOWN = 4


def category(found: Categorised) -> CategoryTold:
    return CategoryTold(
        category=found.category,
        confidence=round(found.confidence, _SHOWN),
        method=found.method,
        categories=found.categories,
        matched=found.matched,
        model=None if found.model is None else _told(found.model, found),
    )


def category_differs(found: Categorised, rules: Rules) -> tuple[str, ...]:
    """Name what would have given a feedback another category than it has."""
    said = found.model
    differs: list[str] = []
    if found.method in (CategoryMethod.NONE, CategoryMethod.MODEL):
        differs.append("its text held a keyword, or its labels named a label, of a category")
    if said is None:
        if found.method is CategoryMethod.NONE:
            differs.append("the playbook had a classifier, and it named one")
        return tuple(differs)
    match said.use:
        case ModelUse.DECIDED:
            differs.append(f"the classifier were not {said.confidence:.0%} sure of {found.category}")
        case ModelUse.UNSURE:
            least = rules.model.min_confidence if rules.model is not None else said.confidence
            differs.append(f"the classifier's confidence in {said.categories[0]} were {least:.0%} or more")
        case ModelUse.ABSTAINED if found.method is CategoryMethod.NONE:
            differs.append(
                "it had a text" if said.abstained is Abstained.NO_TEXT else "its text were like those of a category"
            )
        case ModelUse.NOT_ITS_LANGUAGE if found.method is CategoryMethod.NONE:
            differs.append("it were in a language of the classifier")
        case ModelUse.OUTRANKED | ModelUse.CONTRADICTED:
            differs.append(f"no {found.method.value} had spoken: the classifier would have said {said.categories[0]}")
        case _:
            pass
    return tuple(differs)


def _told(said: ModelSaid, found: Categorised) -> ModelTold:
    return ModelTold(
        model=said.model,
        use=said.use,
        said=_sentence(said, found),
        categories=said.categories,
        confidence=round(said.confidence, _SHOWN),
        abstained=said.abstained,
        matched=said.matched,
    )


def _sentence(said: ModelSaid, found: Categorised) -> str:
    sure = f"{said.confidence:.0%}"
    match said.use:
        case ModelUse.DECIDED:
            return f"no label and no keyword spoke, so the classifier decided, {sure} sure"
        case ModelUse.AGREED:
            return f"the {found.method.value} decided, and the classifier says the same, {sure} sure"
        case ModelUse.OUTRANKED:
            return f"the {found.method.value} decided; the classifier leans to {said.categories[0]}, {sure} sure"
        case ModelUse.CONTRADICTED:
            return (
                f"the {found.method.value} decided against the classifier, which is {sure} sure of "
                f"{said.categories[0]} ({SURE:.0%} or more is a contradiction): look at the {found.method.value}"
            )
        case ModelUse.UNSURE:
            return f"the classifier is only {sure} sure of {said.categories[0]}, which is below min_confidence"
        case ModelUse.ABSTAINED:
            why = "there is no text" if said.abstained is Abstained.NO_TEXT else "the text is like none that it learnt"
            return f"the classifier names no category: {why}"
        case ModelUse.NOT_ITS_LANGUAGE:
            return "the classifier was not asked, since it does not speak for this language"
        case never:
            assert_never(never)
