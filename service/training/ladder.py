"""Labelled lines, a playbook and a model -> what is said of each: its category, how it sounds and how bad it is.

The category is named by keyword, by model or not at all. Sentiment and severity are those of the model's heads; where
it has none they are what the service makes of the text alone, by the playbook's words and lexicon, or None.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from service.core.assess import assess
from service.core.categorise import UNMAPPED, categorise
from service.core.consult import ModelRules, compile_model, consult, unknown_names
from service.core.pipeline.rules import Rules
from service.core.playbook.classifier import ClassifierSettings
from service.core.records.feedback import Categorised, Feedback
from service.core.records.heard import Classifier, Heard
from service.core.records.words import CategoryMethod, Change, FeedbackKind
from service.core.weigh import weigh
from service.training.evaluation import Said
from service.training.labelled import Labelled
from service.training.looking import asked_of

_BATCH = 500
_SILENT = Heard()
_NOTHING = Categorised(category=UNMAPPED, confidence=0.0, method=CategoryMethod.NONE)
# When a text was written says nothing about how it sounds.
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def climb(lines: Sequence[Labelled], rules: Rules, model: Classifier | None) -> Sequence[Said]:
    """Say of each line what a feedback with its text would be given; the line's own labels are not looked at.

    The playbook's own model is listened to as the playbook says, another one with the settings that it has by default.
    A model that names categories which the playbook does not have was trained on a taxonomy of its own, and then
    decides alone.
    """
    heard: list[Heard] = []
    for start in range(0, len(lines), _BATCH):
        part = lines[start : start + _BATCH]
        heard.extend([_SILENT] * len(part) if model is None else model.hear(asked_of(part)))
    if model is not None and unknown_names(model.categories, rules.playbook.taxonomy):
        return [_said(_NOTHING, one, _sounding(line, one, rules)) for line, one in zip(lines, heard, strict=True)]
    listened = rules.model if model is rules.classifier else _by_default(model, rules)
    said = []
    for line, one in zip(lines, heard, strict=True):
        found = categorise(rules.keywords, (), line.text, line.language)
        if listened is not None:
            found = consult(found, one if listened.speaks(line.language) else None, listened)
        said.append(_said(found, _SILENT, _sounding(line, one, rules)))
    return said


def unknown_labels(lines: Sequence[Labelled], known: Collection[str]) -> dict[str, list[int]]:
    """Return the labels that nobody knows, each with the numbers of its lines."""
    unknown: dict[str, list[int]] = {}
    for line in lines:
        for label in line.labels:
            if label not in known:
                unknown.setdefault(label, []).append(line.number)
    return dict(sorted(unknown.items()))


def _by_default(model: Classifier | None, rules: Rules) -> ModelRules | None:
    if model is None:
        return None
    return compile_model(ClassifierSettings(model=model.digest), model.categories, rules.playbook.taxonomy)


def _sounding(line: Labelled, heard: Heard, rules: Rules) -> Heard:
    """Fill in what no head of the model has said, as if the text came in a survey without a score."""
    if heard.sentiment is not None and heard.severity is not None:
        return heard
    feedback = Feedback(
        event_id=line.id,
        source="",
        subject=line.id,
        revision=0,
        occurred_at=_ANY_TIME,
        received_at=_ANY_TIME,
        kind=FeedbackKind.SURVEY,
        change=Change.STATE,
        event_type="",
        text=line.text,
        language=line.language,
    )
    signals = weigh(feedback, rules.words, rules.playbook.severity, heard)
    sentiment, severity = heard.sentiment, heard.severity
    if sentiment is None:
        sentiment = signals.sentiment
    # Where nothing is heard the score of the service is 0, which would be an invention here.
    if severity is None and (signals.negative_text is not None or signals.hot):
        severity = assess(feedback, signals, 1, rules.playbook.severity).score
    return replace(heard, sentiment=sentiment, severity=severity)


def _said(found: Categorised, alone: Heard, heard: Heard) -> Said:
    """Take what was found, or else what a model says that decides `alone`."""
    category, confidence, method = found.category, found.confidence, found.method
    if method is CategoryMethod.NONE and alone.categories:
        category, confidence, method = alone.categories[0], alone.confidence, CategoryMethod.MODEL
    return Said(
        category=category,
        confidence=confidence,
        method=method,
        sentiment=heard.sentiment,
        severity_score=heard.severity,
    )
