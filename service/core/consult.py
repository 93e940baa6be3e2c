"""What labels and keywords found, and what a classifier made of the text -> the category, and what became of either.

The classifier names the primary category only where labels and keywords are silent; beside them it may add one more.
Where it is sure of another than they found, that is said and decides nothing. Nothing is refused: a model that names
nothing leaves what was found as it was.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from service.core.playbook.classifier import ClassifierSettings
from service.core.playbook.taxonomy import Category, of_axis
from service.core.records.feedback import Categorised
from service.core.records.heard import Heard, ModelSaid
from service.core.records.words import Abstained, Axis, CategoryMethod, FeedbackKind, ModelUse
from service.core.text import fold

# From which confidence on a model that names another category contradicts label or keyword.
SURE = 0.8
_MOST_CATEGORIES = 3
_MOST_MATCHED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRules:
    """How a playbook listens to its classifier.

    `names` gives the category for each name that the model knows, `kinds` of those that are not for all feedback for
    which they are.
    """

    model: str
    names: Mapping[str, str] = field(repr=False)
    kinds: Mapping[str, frozenset[FeedbackKind]] = field(default_factory=dict, repr=False)
    min_confidence: float = 0.0
    languages: frozenset[str] = frozenset()

    def speaks(self, language: str) -> bool:
        """Say whether the model is asked about texts of this language."""
        return not self.languages or language in self.languages


def compile_model(settings: ClassifierSettings, names: Iterable[str], taxonomy: Sequence[Category]) -> ModelRules:
    """Compile the settings for a model that knows these names; one that the taxonomy lacks is never taken."""
    known = _known(taxonomy)
    return ModelRules(
        model=settings.model,
        names={name: known[fold(name)] for name in names if fold(name) in known},
        kinds={one.id: frozenset(one.kinds) for one in taxonomy if one.kinds},
        min_confidence=settings.min_confidence or 0.0,
        languages=frozenset(settings.languages),
    )


def unknown_names(names: Iterable[str], taxonomy: Sequence[Category]) -> tuple[str, ...]:
    """Return the names of a model that are no issue of the taxonomy, by id, earlier id or label."""
    known = _known(taxonomy)
    return tuple(name for name in names if fold(name) not in known)


def consult(
    found: Categorised, heard: Heard | None, rules: ModelRules, kind: FeedbackKind = FeedbackKind.SURVEY
) -> Categorised:
    """Add what the model heard; None says that it does not speak the language and was not asked.

    Of what it names only that counts which is open to feedback of this kind, as with keywords.
    """
    if heard is None:
        return replace(found, model=ModelSaid(model=rules.model, use=ModelUse.NOT_ITS_LANGUAGE))
    named = _open_to(kind, tuple(rules.names[name] for name in heard.categories if name in rules.names), rules)
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
        return replace(
            found,
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


def _open_to(kind: FeedbackKind, named: Iterable[str], rules: ModelRules) -> tuple[str, ...]:
    """Keep to what the kind has to itself where any of that was named, else to what is open to all; each once."""
    each = tuple(dict.fromkeys(named))
    own = tuple(one for one in each if kind in rules.kinds.get(one, ()))
    return own or tuple(one for one in each if one not in rules.kinds)


def _known(taxonomy: Sequence[Category]) -> dict[str, str]:
    """A name is an issue's id, one that it replaces, or a label that one issue alone has."""
    labels: dict[str, set[str]] = {}
    ids: dict[str, str] = {}
    for one in of_axis(taxonomy, Axis.ISSUE):
        ids |= {fold(name): one.id for name in (one.id, *one.replaces)}
        for label in one.labels:
            labels.setdefault(fold(label), set()).add(one.id)
    return {label: next(iter(owners)) for label, owners in labels.items() if len(owners) == 1} | ids
