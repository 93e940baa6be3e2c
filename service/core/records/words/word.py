"""A closed list of words, of which each record asks for the text of some twenty."""

from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING


class Word(StrEnum):
    """A StrEnum whose `value` is read without a call of Python's own, of which the usual one takes two."""

    if not TYPE_CHECKING:
        value = property(attrgetter("_value_"))
