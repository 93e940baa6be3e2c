"""Trained models, kept by their digests, and how one is opened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from service.core.records.doer import SERVICE, Doer
from service.core.records.heard import Classifier

# What a model's file may have; one of 150 categories has half of it.
MOST_BYTES = 128 * 1024 * 1024


class ModelFault(Exception):
    """These bytes are no model that can be used here; the message says why, and quotes nothing of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedModel:
    """A model ready to be asked, the report of its training, and the parts of it that are not installed here."""

    classifier: Classifier
    report: Mapping[str, Any] = field(repr=False)
    missing: tuple[str, ...] = ()


# Opens the bytes of a model's file; raises ModelFault. It may take a second.
OpenModel: TypeAlias = Callable[[bytes], OpenedModel]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model that is kept, less its bytes, of which there are `size`."""

    digest: str
    name: str
    size: int
    report: Mapping[str, Any] = field(repr=False)
    stored_at: datetime


class Models(Protocol):
    """Where models are kept. What is kept under a digest never changes."""

    async def store(self, model: StoredModel, body: bytes, doer: Doer = SERVICE) -> bool:
        """Keep a model, and write into the audit who did; return whether it is new.

        One that is there already stays as it is.
        """
        ...

    async def models(self) -> Sequence[StoredModel]:
        """List them, the one that was stored last first."""
        ...

    async def model(self, digest: str) -> StoredModel | None: ...

    async def body(self, digest: str) -> bytes | None: ...
