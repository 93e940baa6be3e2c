"""Texts -> themes: groups of texts that share their telling words, the largest first.

Words are weighed by how few of the texts have them (tf-idf, each once in a text); a text joins the theme whose first
text it is most like by cosine, or begins one (leader clustering, Hartigan 1975). The same texts in the same order give
the same themes. Refuses nothing: what is like no other is no theme, and what comes after `MOST_READ` is not read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log, sqrt

from service.core.text import fold, is_unspaced

MOST_READ = 300
MOST_WORDS = 5
_ALIKE = 0.25
_SHORTEST = 3
# Shorter ones are mostly articles, and tell a reader nothing.
_SHORTEST_SHOWN = 4
# A word that is shown was written by so many people, so that it is nobody's name.
_FEWEST_VOICES = 3

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A text, and whose it is."""

    text: str
    voice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The places of its texts, in order, and the words that tell it from the rest, the most telling first."""

    members: tuple[int, ...]
    words: tuple[str, ...]


def themes(texts: Sequence[Spoken], fewest: int = 2) -> tuple[Theme, ...]:
    """Return the groups of at least so many texts."""
    read = texts[:MOST_READ]
    weighed = _weighed([frozenset(_words(one.text)) for one in read])
    leaders: list[int] = []
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for at, weights in enumerate(weighed):
        likeness = {leader: _cosine(weights, weighed[leader]) for leader in leaders}
        nearest = max(leaders, key=lambda leader: (likeness[leader], -leader), default=None)
        if nearest is not None and likeness[nearest] >= _ALIKE:
            groups[nearest].append(at)
        elif weights:
            leaders.append(at)
            groups[at].append(at)
    found = [
        Theme(members=tuple(members), words=_telling(members, weighed, read))
        for members in groups.values()
        if len(members) >= fewest
    ]
    return tuple(sorted(found, key=lambda one: (-len(one.members), one.members)))


def _words(text: str) -> Iterator[str]:
    """Yield words; of a script without spaces, every two characters that follow one another."""
    for word in "".join(one if one.isalnum() or one == "'" else " " for one in fold(text)).split():
        if not word.isascii() and any(map(is_unspaced, word)):
            yield from (word[at : at + 2] for at in range(len(word) - 1))
        elif len(word) >= _SHORTEST and not word.isdigit():
            yield word


def _weighed(bags: Sequence[frozenset[str]]) -> list[Weights]:
    """Weigh the words of each text, to a length of 1; one that a text shares with no other says nothing of a theme."""
    known = Counter(word for bag in bags for word in bag)
    rarity = {word: log((1 + len(bags)) / count) for word, count in known.items() if count > 1}
    weighed: list[Weights] = []
    for bag in bags:
        length = sqrt(sum(rarity[word] ** 2 for word in sorted(bag & rarity.keys())))
        weighed.append({word: rarity[word] / length for word in sorted(bag & rarity.keys())} if length else {})
    return weighed


def _cosine(one: Weights, other: Weights) -> float:
    return sum(weight * other[word] for word, weight in one.items() if word in other)


def _telling(members: Sequence[int], weighed: Sequence[Weights], read: Sequence[Spoken]) -> tuple[str, ...]:
    weight: defaultdict[str, float] = defaultdict(float)
    voices: defaultdict[str, set[str]] = defaultdict(set)
    for at in members:
        for word, one in weighed[at].items():
            weight[word] += one
            voices[word].add(read[at].voice)
    known = [
        word
        for word in weight
        if len(voices[word]) >= _FEWEST_VOICES and (len(word) >= _SHORTEST_SHOWN or not word.isascii())
    ]
    return tuple(sorted(known, key=lambda word: (-weight[word], word))[:MOST_WORDS])
