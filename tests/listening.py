"""A small classifier that counts words, and its file: the model of tests that are about everything around a model."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.records.heard import Asked, Heard
from service.core.records.words import Abstained
from service.ports import ModelFault, OpenedModel
from tests.builders import make_playbook

# The words of each category of `make_playbook`, none of which is among its keywords.
WORDS = {"delivery": ["courier", "doorstep"], "refund": ["charged", "cents"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class WordClassifier:
    """Names the categories whose words a text and its question hold, those with the most first."""

    digest: str
    words: Mapping[str, Sequence[str]]
    confidence: float = 0.9
    batches: list[int] = field(default_factory=list)

    @property
    def categories(self) -> tuple[str, ...]:
        return tuple(self.words)

    def hear(self, asked: Sequence[Asked]) -> Sequence[Heard]:
        self.batches.append(len(asked))
        return [self._hear(one) for one in asked]

    def _hear(self, asked: Asked) -> Heard:
        said = f"{asked.question} {asked.text}".lower().split()
        found = {name: [word for word in words if word in said] for name, words in self.words.items()}
        named = sorted((name for name, words in found.items() if words), key=lambda name: -len(found[name]))
        if not named:
            return Heard(abstained=Abstained.OUT_OF_SCOPE)
        return Heard(categories=tuple(named), confidence=self.confidence, matched=tuple(found[named[0]]))


def model_file(
    words: Mapping[str, Sequence[str]] = WORDS, *, confidence: float = 0.9, missing: Sequence[str] = ()
) -> bytes:
    return orjson.dumps({"words": words, "confidence": confidence, "missing": missing})


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def open_words(body: bytes) -> OpenedModel:
    """Open a file of `model_file`."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ModelFault("it is not JSON") from None
    classifier = WordClassifier(digest=digest_of(body), words=said["words"], confidence=said["confidence"])
    return OpenedModel(classifier=classifier, report={"words": len(said["words"])}, missing=tuple(said["missing"]))


def listening(body: bytes | None = None, **changes: object) -> Playbook:
    """Make a playbook with the model of this file; `settings` are further ones of its classifier."""
    settings = changes.pop("settings", {})
    assert isinstance(settings, dict)
    return make_playbook(classifier={"model": digest_of(body or model_file()), **settings}, **changes)


def listening_rules(body: bytes | None = None, **changes: object) -> Rules:
    return compile_playbook(listening(body, **changes), open_words(body or model_file()).classifier)
