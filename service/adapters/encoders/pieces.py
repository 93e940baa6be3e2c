"""The shipped vocabulary -> a tokenizer as BERT's: lower case, no accents, the longest known pieces of each word.

The wordpieces are those of `bert-base-uncased` (Apache-2.0), which MiniLM reads and the static table is indexed by.
"""

import hashlib
from importlib.resources import files
from typing import Final

from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from service.adapters.encoders.unavailable import Unavailable, Why

WORDPIECES_SHA256: Final = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"


def wordpieces() -> tuple[str, ...] | Unavailable:
    """Return the pieces by their number, once the file is known to be ours."""
    path = files("service.adapters.encoders") / "wordpieces.txt"
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != WORDPIECES_SHA256:
        return Unavailable(Why.ANOTHER_FILE, "wordpieces.txt is missing or altered: install the package again")
    return tuple(content.decode().splitlines())


def tokenizer_of(pieces: tuple[str, ...]) -> Tokenizer:
    """Return a tokenizer that puts [CLS] before a text and [SEP] behind it, unless it is told not to."""
    place = {piece: at for at, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(place, unk_token="[UNK]", max_input_chars_per_word=100))  # noqa: S106, no secret.
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", place["[CLS]"]), ("[SEP]", place["[SEP]"])]
    )
    return tokenizer
