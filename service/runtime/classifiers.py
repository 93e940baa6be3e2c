"""The digest that a playbook names -> its classifier: each opened once, from where models are kept.

A model of which parts are not installed here answers with what remains; the log says so, and `missing` tells it to
whoever asks.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog

from service.core.consult import unknown_names
from service.core.pipeline.instruments import NONE, Instruments
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.records.doer import SERVICE, Doer
from service.ports import ModelFault, OpenedModel, OpenModel, StoredModel

log = structlog.get_logger()

_KEPT = 4
_MOST_NAMED = 10


class ModelMissingError(Exception):
    """The playbook names a model that is not stored; the message says what to do."""


class Kept(Protocol):
    """What is needed of the place where models are kept."""

    async def store(self, model: StoredModel, body: bytes, doer: Doer = SERVICE) -> bool: ...
    async def model(self, digest: str) -> StoredModel | None: ...
    async def body(self, digest: str) -> bytes | None: ...


class Classifiers:
    """Opens models in a thread of their own, since one takes a second."""

    def __init__(
        self,
        kept: Kept,
        open_model: OpenModel,
        now: Callable[[], datetime],
        instruments: Instruments = NONE,
    ) -> None:
        self._kept = kept
        self._open = open_model
        self._now = now
        self._instruments = instruments
        self._opened: dict[str, OpenedModel] = {}
        # One at a time: an open model takes some hundred megabytes.
        self._opening = asyncio.Lock()

    async def compiled(self, playbook: Playbook) -> Rules:
        """Compile a playbook with the classifier that it names.

        Raises:
            ModelMissingError: it is not stored.
            ModelFault: it can not be used, or names categories that the playbook lacks.
        """
        settings = playbook.classifier
        if settings is None:
            return compile_playbook(playbook, instruments=self._instruments)
        classifier = (await self._of(settings.model)).classifier
        unknown = unknown_names(classifier.categories, playbook.taxonomy)
        if unknown:
            raise ModelFault(strangers(unknown))
        return compile_playbook(playbook, classifier, instruments=self._instruments)

    async def keep(self, name: str, body: bytes, doer: Doer = SERVICE) -> tuple[StoredModel, bool]:
        """Store a model that can be opened; return it, and whether it is new.

        Raises:
            ModelFault: it can not be used.
        """
        async with self._opening:
            opened = await asyncio.to_thread(self._open, body)
            digest = opened.classifier.digest
            model = StoredModel(digest=digest, name=name, size=len(body), report=opened.report, stored_at=self._now())
            new = await self._kept.store(model, body, doer)
            known = model if new else await self._kept.model(digest)
            return known or model, new

    def missing(self, rules: Rules) -> tuple[str, ...]:
        """Name the parts of the classifier in force that are not installed here."""
        opened = None if rules.classifier is None else self._opened.get(rules.classifier.digest)
        return () if opened is None else opened.missing

    async def _of(self, digest: str) -> OpenedModel:
        async with self._opening:
            if digest not in self._opened:
                body = await self._kept.body(digest)
                if body is None:
                    raise ModelMissingError(not_stored(digest))
                opened = await asyncio.to_thread(self._open, body)
                if opened.classifier.digest != digest:
                    raise ModelFault(f"what is stored as the model {digest} is another one; store it again")
                if opened.missing:
                    log.warning("classifier_is_incomplete", digest=digest, missing=list(opened.missing))
                while len(self._opened) >= _KEPT:
                    del self._opened[next(iter(self._opened))]
                self._opened[digest] = opened
            return self._opened[digest]


def not_stored(digest: str) -> str:
    return (
        f"the model {digest} is not stored; put its file beside the playbook as models/NAME.model, run "
        "`feedback-router models add FILE`, or send it to PUT /v1/models"
    )


def strangers(names: tuple[str, ...]) -> str:
    told = ", ".join(names[:_MOST_NAMED]) + (f" and {len(names) - _MOST_NAMED} more" if names[_MOST_NAMED:] else "")
    return f"the model names what the taxonomy lacks: {told}; add each as an id or a label, or train the model anew"
