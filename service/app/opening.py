"""A model's bytes -> the model, whatever this release can read."""

from service.ports import ModelFault, OpenedModel


def open_model(body: bytes) -> OpenedModel:
    """Open a model's file.

    Raises:
        ModelFault: it is none that this release reads.
    """
    raise ModelFault(f"no kind of model that is known here begins with {body[:4].hex()}")
