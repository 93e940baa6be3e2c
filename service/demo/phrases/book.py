"""The shape of a phrasebook: what one language has to offer, part by part."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrasebook:
    """Sentences with slots {order}, {days}, {product}, {city}, {amount}, {email} and {phone}.

    `complaints` holds sentences by category; each names words of that category in the retail playbook and of no other.
    `feelings` hold a word of the negative lexicon, `praise` of the positive one, the other parts neither.
    """

    complaints: Mapping[str, tuple[str, ...]]
    openings: tuple[str, ...]
    feelings: tuple[str, ...]
    closings: tuple[str, ...]
    hot: tuple[str, ...]
    vague: tuple[str, ...]
    praise: tuple[str, ...]
    neutral: tuple[str, ...]
    questions: tuple[str, ...]
    chasers: tuple[str, ...]
    replies: tuple[str, ...]
    subjects: tuple[str, ...]
    products: tuple[str, ...]
    cities: tuple[str, ...]
    phone: str
