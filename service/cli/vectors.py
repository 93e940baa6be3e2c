"""Names of encoders -> the vectors that a training or a model works with; why one is not to be had is said."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from service.adapters.encoders import ENCODERS, Unavailable, Why, open_encoder, static_vectors
from service.adapters.model_files import load_model
from service.cli.speech import fail, say
from service.core.classify import Model, Vectors
from service.ports import ModelFault

STATIC = "static"
NONE = "none"


def static_ones() -> Mapping[str, Vectors]:
    found = static_vectors()
    if isinstance(found, Unavailable):
        say(f"Without static vectors: {found.told}.")
        return {}
    return {STATIC: found}


def encoders(names: Sequence[str]) -> Mapping[str, Vectors]:
    """Open encoders by their names or folders; the command ends where one is not to be had."""
    found: dict[str, Vectors] = {}
    for name in names:
        one = open_encoder(name)
        if isinstance(one, Unavailable):
            fail(f"The encoder {name} is not to be had: {one.told}.")
        found[name if name in ENCODERS else Path(name).name] = one
    return found


def teachers(names: Sequence[str]) -> Mapping[str, Vectors]:
    """Open those that are named, none for `none`; where none is named, those that are installed."""
    if names:
        return encoders([name for name in names if name != NONE])
    able = _installed()
    if not able:
        say("No encoder teaches this model; with one it would be right more often: see the extra `encoder`.")
    return able


def load(path: Path, named: Sequence[str]) -> Model:
    """Load a model with the vectors that it needs and that are here; `named` are encoders in folders."""
    if not path.is_file():
        fail(f"{path}: there is no such file.")
    try:
        file, given = path.read_bytes(), [*static_ones().values(), *encoders(named).values()]
        model = load_model(file, given).model
        if model.missing:
            # Encoders take a while to open, and most models ask none.
            model = load_model(file, [*given, *_installed().values()]).model
    except ModelFault as fault:
        fail(f"{path}: {fault}")
    for view, digest in model.missing.items():
        say(f"{path}: the {view} vectors {digest[:12]} are not installed; the model answers without them, less well.")
    return model


def _installed() -> Mapping[str, Vectors]:
    found = {name: open_encoder(name) for name in ENCODERS}
    for name, one in found.items():
        if isinstance(one, Unavailable) and one.why is not Why.NOT_INSTALLED:
            say(f"Without the encoder {name}: {one.told}.")
    return {name: one for name, one in found.items() if not isinstance(one, Unavailable)}
