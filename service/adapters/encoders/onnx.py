"""A sentence encoder as ONNX -> unit vectors: the mean of its last hidden states over a text's tokens.

Texts are encoded together with others of exactly as many tokens: none is padded, so that a vector is the same to the
bit whatever else is asked, and nothing is computed for padding. One thread; beyond 128 tokens nothing is read.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

LONGEST = 128
_TOGETHER = 32
# What an encoder of the BERT family takes; any other input is one that we could not fill in.
_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


class NotAnEncoderError(ValueError):
    """The graph takes or gives something else than a sentence encoder does; the message says what."""


@dataclass(frozen=True, slots=True)
class OnnxEncoder:
    """`dimension` columns; `digest` is of the model and its tokenizer."""

    digest: str
    dimension: int
    _session: Any = field(repr=False)
    _tokenizer: Tokenizer = field(repr=False)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return (texts, dimension), each row of length 1, or 0 where a text has no token."""
        return self.embed_tokens([encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))])

    def embed_tokens(self, tokens: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Return the same for texts whose tokens are known."""
        vectors = np.zeros((len(tokens), self.dimension), np.float32)
        for places in _of_one_length(tokens):
            vectors[places] = self._mean(np.array([tokens[place] for place in places], np.int64))
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    def _mean(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        filled = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        given = {one.name: filled[one.name] for one in self._session.get_inputs()}
        states: NDArray[np.float32] = self._session.run(None, given)[0]
        mean: NDArray[np.float32] = states.mean(axis=1, dtype=np.float32)
        return mean


def onnx_encoder(model: bytes, tokenizer: Tokenizer, digest: str) -> OnnxEncoder:
    """Open a model.

    Raises:
        NotAnEncoderError: Its inputs or its first output are not those of a sentence encoder.
    """
    session = _session(model)
    if unknown := {one.name for one in session.get_inputs()} - _INPUTS:
        raise NotAnEncoderError(f"it takes {', '.join(sorted(unknown))}, which is none of {', '.join(sorted(_INPUTS))}")
    shape = session.get_outputs()[0].shape
    if len(shape) != 3 or not isinstance(shape[2], int):  # noqa: PLR2004, the dimensions are text, token, column.
        raise NotAnEncoderError(f"its first output is {shape}, not a state of fixed width for each token")
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return OnnxEncoder(digest, shape[2], session, tokenizer)


def _session(model: bytes) -> Any:  # noqa: ANN401 - the runtime ships no types.
    import onnxruntime  # noqa: PLC0415, the extra may be missing, and the service must not.

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # The runtime's own exceptions derive from Exception alone.
        raise NotAnEncoderError("the runtime can not open it as a model") from error


def _of_one_length(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(tokens):
        if one:
            by_length[len(one)].append(place)
    for places in by_length.values():
        for at in range(0, len(places), _TOGETHER):
            yield places[at : at + _TOGETHER]
