"""What labels and keywords found, and what a classifier made of the text -> the category, and what became of either.

The classifier names the primary category only where labels and keywords are silent; beside them it may add one more.
Where it is sure of another than they found, that is said and decides nothing. Nothing is refused: a model that names
nothing leaves what was found as it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from service.core.playbook.classifier import ClassifierSettings
from service.core.playbook.taxonomy import Category
from service.core.records.feedback import Categorised
from service.core.records.heard import Heard, ModelSaid
from service.core.records.words import Abstained, CategoryMethod, ModelUse
from service.core.text import fold

# From which confidence on a model that names another category contradicts label or keyword.
SURE = 0.8
_MOST_CATEGORIES = 3
_MOST_MATCHED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """How a playbook listens to its classifier; `names` gives the category for each name that the model knows."""

    model: str
    names: Mapping[str, str] = field(repr=False)
    min_confidence: float = 0.0
    languages: frozenset[str] = frozenset()

    def speaks(self, language: str) -> bool:
        """Say whether the model is asked about texts of this language."""
        return not self.languages or language in self.languages


def compile_model(settings: ClassifierSettings, names: Iterable[str], taxonomy: Iterable[Category]) -> ModelRules:
    """Compile the settings for a model that knows these names; one that the taxonomy lacks is never taken."""
    known = _known(taxonomy)
    return ModelRules(
        model=settings.model,
        names={name: known[fold(name)] for name in names if fold(name) in known},
        min_confidence=settings.min_confidence or 0.0,
        languages=frozenset(settings.languages),
    )


def unknown_names(names: Iterable[str], taxonomy: Iterable[Category]) -> tuple[str, ...]:
    """Return the names of a model that are neither the id nor a label of a category."""
    known = _known(taxonomy)
    return tuple(name for name in names if fold(name) not in known)


def consult(found: Categorised, heard: Heard | None, rules: ModelRules) -> Categorised:
    """Add what the model heard; None says that it does not speak the language and was not asked."""
    if heard is None:
        return replace(found, model=ModelSaid(model=rules.model, use=ModelUse.NOT_ITS_LANGUAGE))
    named = tuple(dict.fromkeys(rules.names[name] for name in heard.categories if name in rules.names))
    use = _use(found, heard, named, rules)
    said = ModelSaid(
        model=rules.model,
        use=use,
        categories=named[:_MOST_CATEGORIES],
        confidence=heard.confidence if named else 0.0,
        abstained=None if named else heard.abstained or Abstained.OUT_OF_SCOPE,
        matched=heard.matched[:_MOST_MATCHED] if named else (),
    )
    if use is ModelUse.DECIDED:
        return Categorised(
            category=named[0],
            confidence=heard.confidence,
            method=CategoryMethod.MODEL,
            categories=said.categories,
            matched=said.matched,
            model=said,
        )
    if use in (ModelUse.ABSTAINED, ModelUse.UNSURE):
        return replace(found, model=said)
    together = tuple(dict.fromkeys((*found.categories, named[0])))
    return replace(found, categories=together[:_MOST_CATEGORIES], model=said)


def _use(found: Categorised, heard: Heard, named: tuple[str, ...], rules: ModelRules) -> ModelUse:
    if not named:
        return ModelUse.ABSTAINED
    if heard.confidence < rules.min_confidence:
        return ModelUse.UNSURE
    if found.method is CategoryMethod.NONE:
        return ModelUse.DECIDED
    if named[0] == found.category:
        return ModelUse.AGREED
    return ModelUse.CONTRADICTED if heard.confidence >= SURE else ModelUse.OUTRANKED


def _known(taxonomy: Iterable[Category]) -> dict[str, str]:
    """A name is a category's id, or a label that one category alone has."""
    labels: dict[str, set[str]] = {}
    ids: dict[str, str] = {}
    for one in taxonomy:
        ids[fold(one.id)] = one.id
        for label in one.labels:
            labels.setdefault(fold(label), set()).add(one.id)
    return {label: next(iter(owners)) for label, owners in labels.items() if len(owners) == 1} | ids
