"""Make `words.npz` anew.

    python deploy/vectors/make_table.py WORDNET OUT [TEXTS]

WORDNET is the folder with `data.noun` and its neighbours of WordNet 3.0. It takes the extra `encoder` and ten minutes
of one core. Another processor, or other versions, may give other last digits.
"""

import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.adapters.encoders import ENCODERS, Unavailable
from service.adapters.encoders.onnx import OnnxEncoder
from service.adapters.encoders.pieces import tokenizer_of, wordpieces
from service.core.classify import Vectors
from service.training.table import fit_table, probe_texts

# sha256 of what the shipped table was made from.
WORDNET = {
    "data.noun": "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
    "data.verb": "adcf43e35b581e8036d8b5a52d63d9cd3d3b4870b2720d3c03c799df44777bc2",
    "data.adj": "c89120dfc1f046ddff4a631bf9b7e9fa1a36b5e86565a23bf82dbe14f30b88a7",
    "data.adv": "444a63bf3955080ab7524f5079cfc07ff9bc682cb98bdb1db73b0fb9829f1139",
    "cntlist.rev": "a198580b8f705fa02797bba8b13e5cbe4a9f9f40cb1697e774c7fc6a5865b035",
}


def main(folder: Path, out: Path, most: int | None) -> None:
    contents = {name: (folder / name).read_bytes() for name in WORDNET}
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != WORDNET[name]:
            sys.exit(f"{folder / name} is not the file of WordNet 3.0 that the table was made from.")
    pieces = wordpieces()
    if isinstance(pieces, Unavailable):
        sys.exit(pieces.told)
    texts = probe_texts({name: content.decode() for name, content in contents.items()}, pieces)[:most]
    said, of_pieces = [], []
    for name, opened in ENCODERS.items():
        encoder = opened()
        if isinstance(encoder, Unavailable):
            sys.exit(f"{name}: {encoder.told}")
        said.append(encoder.embed(texts) / np.float32(np.sqrt(len(ENCODERS))))
        of_pieces.append(_alone(encoder, pieces) / np.float32(np.sqrt(len(ENCODERS))))
    tokenizer = tokenizer_of(pieces)
    numbers = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    silent = [at for at, piece in enumerate(pieces) if piece.startswith("[") and piece.endswith("]")]
    table = fit_table(numbers, np.hstack(said), np.hstack(of_pieces), silent)
    np.savez_compressed(out, rows=table.rows, scales=table.scales)


def _alone(encoder: Vectors, pieces: tuple[str, ...]) -> NDArray[np.float32]:
    """Return what an encoder makes of each piece: as its own piece where it reads pieces, else as a text."""
    if isinstance(encoder, OnnxEncoder):
        before, after = pieces.index("[CLS]"), pieces.index("[SEP]")
        return encoder.embed_tokens([(before, number, after) for number in range(len(pieces))])
    return encoder.embed([piece.removeprefix("##") for piece in pieces])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else None)
