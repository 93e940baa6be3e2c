"""Arrays and lists of terms <-> bytes: numpy's own format without pickle, float16 where that is enough."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.ports import ModelFault


def as_bytes(values: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(values, np.float16), version=(1, 0), allow_pickle=False)
    return stream.getvalue()


def array_of(parts: Mapping[str, bytes], name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return an array; `shape` is what it must have, -1 standing for any number.

    Raises:
        ModelFault: there is none, or it is of another shape, or not all of it is finite.
    """
    try:
        values = np.lib.format.read_array(io.BytesIO(parts[name]), allow_pickle=False)
    except (KeyError, ValueError, EOFError, OSError, TypeError) as error:
        raise ModelFault("One of the model's arrays is not there, or no array. Train it again.") from error
    fits = len(values.shape) == len(shape) and all(
        wanted in {-1, length} for wanted, length in zip(shape, values.shape, strict=True)
    )
    if values.dtype != np.float16 or not fits or not np.isfinite(values).all():
        raise ModelFault("One of the model's arrays has another shape or kind, or figures without end. Train it again.")
    return np.ascontiguousarray(values.astype(np.float32))


def terms_as_bytes(terms: Sequence[str]) -> bytes:
    """Terms hold no line break: they come from between white space."""
    return "\n".join(terms).encode()


def terms_of(parts: Mapping[str, bytes], name: str) -> tuple[str, ...]:
    try:
        text = parts[name].decode()
    except (KeyError, UnicodeDecodeError) as error:
        raise ModelFault("The model's terms are not there, or no text. Train it again.") from error
    return tuple(text.split("\n")) if text else ()
