"""A seed -> the demo's sentences as labelled lines, a model trained from them, and a playbook that listens to it."""

from collections.abc import Callable, Sequence
from random import Random

from service.adapters.encoders import Unavailable, static_vectors
from service.adapters.model_files import load_model, write_model
from service.bench.events import CUSTOMERS
from service.core.classify import Vectors
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.classifier import ClassifierSettings
from service.core.records.heard import Classifier
from service.demo.customers import population
from service.demo.phrases import PHRASEBOOKS
from service.demo.verbatims import Writer
from service.training import Labelled, train

LINES = 4_000
_OUT_OF_SCOPE = 0.1


def spoken(seed: int, count: int) -> list[Labelled]:
    """Write complaints of customers in their languages, each with its category, and one in ten sentences of none."""
    dice = Random(seed)
    customers, writer = population(dice, CUSTOMERS), Writer(dice)
    categories = sorted(PHRASEBOOKS["en"].complaints)
    said = []
    for number in range(count):
        customer, order = dice.choice(customers), f"SO-{dice.randrange(10**9):09d}"
        if dice.random() < _OUT_OF_SCOPE:
            category, text = "", writer.neutral(customer, order)
        else:
            category = dice.choice(categories)
            text = writer.complaint(category, customer, order, feeling=False)
        labels = (category,) if category else ()
        said.append(Labelled(id=str(number), text=text, language=customer.language, labels=labels))
    return said


def taught(lines: Sequence[Labelled], seed: int, say: Callable[[str], None]) -> Classifier:
    """Train the default classifier, with the static vectors if they are here, and take it as its file gives it back."""
    static = static_vectors()
    vectors: dict[str, Vectors] = {} if isinstance(static, Unavailable) else {"static": static}
    trained = train(lines, seed=seed, vectors=vectors, progress=lambda stage: say(f"training: {stage}"))
    file, _ = write_model(trained.model, trained.report)
    return load_model(file, vectors.values()).model


def listening(rules: Rules, classifier: Classifier) -> Rules:
    """Let a playbook listen to a classifier that knows its categories."""
    settings = ClassifierSettings(model=classifier.digest)
    return compile_playbook(rules.playbook.model_copy(update={"classifier": settings}), classifier)
