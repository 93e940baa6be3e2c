"""Texts -> unit vectors: the static table that every installation has, and the sentence encoders of the extra.

Each is a `Vectors` of the core's, pinned by hash. What is not to be had is `Unavailable`, which says what to install;
nothing is downloaded.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from service.adapters.encoders.folder import folder_encoder, minilm_encoder
from service.adapters.encoders.static import StaticVectors, static_vectors
from service.adapters.encoders.unavailable import Unavailable, Why
from service.adapters.encoders.use import use_encoder
from service.core.classify import Vectors

__all__ = ["ENCODERS", "StaticVectors", "Unavailable", "Why", "open_encoder", "static_vectors"]

# By the names under which a training is told of them.
ENCODERS: Mapping[str, Callable[[], Vectors | Unavailable]] = {"minilm": minilm_encoder, "use": use_encoder}


def open_encoder(name: str) -> Vectors | Unavailable:
    """Open an encoder by its name in `ENCODERS`, or by the path of a folder that holds one."""
    known = ENCODERS.get(name)
    return folder_encoder(Path(name)) if known is None else known()
