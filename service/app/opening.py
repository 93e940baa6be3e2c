"""A model's bytes -> the model, with the vectors that are installed here."""

from collections.abc import Callable, Iterator
from functools import cache

from service.adapters.encoders import ENCODERS, Unavailable, static_vectors
from service.adapters.model_files import load_model
from service.core.classify import Vectors
from service.ports import OpenedModel


def open_model(body: bytes) -> OpenedModel:
    """Open a model's file; encoders are opened only for a model that asks for more than the static table.

    Raises:
        ModelFault: it holds no model that this release can use.
    """
    loaded = load_model(body, installed())
    return OpenedModel(classifier=loaded.model, report=loaded.report, missing=tuple(sorted(loaded.missing)))


@cache
def static() -> Vectors | Unavailable:
    """Read the static table once: it takes some thirty megabytes, and serves all models."""
    return static_vectors()


def installed() -> Iterator[Vectors]:
    """Yield the vectors that are here, the static ones first: an encoder is opened only when somebody looks further."""
    openings: list[Callable[[], Vectors | Unavailable]] = [static, *ENCODERS.values()]
    for opening in openings:
        found = opening()
        if not isinstance(found, Unavailable):
            yield found
