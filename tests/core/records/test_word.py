"""A word is its text, whoever reads it."""

from enum import StrEnum

import msgspec
import orjson

from service.core.records.words.word import Word


class _Plain(StrEnum):
    WARM = "warm"


class _Fast(Word):
    WARM = "warm"


def test_a_word_has_the_same_text_as_any_enumeration_of_texts() -> None:
    fast, plain = _Fast.WARM, _Plain.WARM
    assert (type(fast.value), fast.value, str(fast), f"{fast}", repr(fast.name), list(_Fast), _Fast("warm")) == (
        type(plain.value),
        plain.value,
        str(plain),
        f"{plain}",
        repr(plain.name),
        [fast],
        fast,
    )


def test_a_word_is_written_and_read_as_its_text() -> None:
    assert (orjson.dumps(_Fast.WARM), msgspec.json.encode(_Fast.WARM)) == (b'"warm"', b'"warm"')
    assert msgspec.json.decode(b'"warm"', type=_Fast) is _Fast.WARM
