"""A folder with `model.onnx` and `tokenizer.json`, or what a package carries -> an ONNX encoder, or why not."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from tokenizers import Tokenizer

from service.adapters.encoders.carried import MINILM
from service.adapters.encoders.onnx import NotAnEncoderError, OnnxEncoder, onnx_encoder
from service.adapters.encoders.pieces import WORDPIECES_SHA256, tokenizer_of, wordpieces
from service.adapters.encoders.unavailable import Unavailable, Why


def minilm_encoder() -> OnnxEncoder | Unavailable:
    """Open all-MiniLM-L6-v2; its package has no tokenizer, so the shipped wordpieces are its own again."""
    found, pieces = MINILM.found(), wordpieces()
    if isinstance(found, Unavailable):
        return found
    if isinstance(pieces, Unavailable):
        return pieces
    (path,) = found.values()
    digest = hashlib.sha256(f"{MINILM.digest}{WORDPIECES_SHA256}".encode()).hexdigest()
    return _opened(path.read_bytes(), tokenizer_of(pieces), digest, path)


def folder_encoder(folder: Path) -> OnnxEncoder | Unavailable:
    model, words = folder / "model.onnx", folder / "tokenizer.json"
    for path in (model, words):
        if not path.is_file():
            return Unavailable(Why.NO_SUCH_FILE, f"{path} is missing: a folder needs model.onnx and tokenizer.json")
    graph, told = model.read_bytes(), words.read_bytes()
    try:
        tokenizer = Tokenizer.from_str(told.decode())
    except Exception:  # noqa: BLE001 - tokenizers raises Exception itself, and UnicodeDecodeError is as final.
        return Unavailable(Why.NOT_AN_ENCODER, f"{words} holds no tokenizer")
    digest = hashlib.sha256(hashlib.sha256(graph).digest() + hashlib.sha256(told).digest()).hexdigest()
    return _opened(graph, tokenizer, digest, model)


def _opened(graph: bytes, tokenizer: Tokenizer, digest: str, path: Path) -> OnnxEncoder | Unavailable:
    if find_spec("onnxruntime") is None:
        return Unavailable(Why.NOT_INSTALLED, "install the extra: pip install 'feedback-router[encoder]'")
    try:
        return onnx_encoder(graph, tokenizer, digest)
    except NotAnEncoderError as error:
        return Unavailable(Why.NOT_AN_ENCODER, f"{path} is no sentence encoder: {error}")
