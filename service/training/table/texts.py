"""The files of WordNet 3.0 -> 120,000 texts in English, always the same: made-up sentences, definitions, runs of words.

Sentences put the words of customers beside one another, definitions all others, and runs of frequent words see to it
that each has stood beside many.
"""

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from service.training.table.words import PATTERNS, PEOPLE, QUALITIES, THINGS, TIMES, VERBS

MOST_TEXTS = 120_000
_SENTENCES, _DEFINITIONS, _RUNS = 110_000, 110_000, 50_000
# WordNet's own numbers of parts of speech, as `cntlist.rev` has them.
_PARTS = "nvara"
_ORDINARY = re.compile("[a-z]{2,}")
# Before these come BERT's marks and single letters.
_FIRST_WORD = 1_996


def probe_texts(wordnet: Mapping[str, str], pieces: Sequence[str]) -> list[str]:
    """Return the texts; `wordnet` has the contents of `data.*` and `cntlist.rev` by name, `pieces` the vocabulary."""
    definitions = _definitions(wordnet)
    random.Random(1).shuffle(definitions)  # noqa: S311 - always the same texts.
    words = [piece for piece in pieces[_FIRST_WORD:] if _ORDINARY.fullmatch(piece)]
    texts = _sentences(_counts(wordnet["cntlist.rev"])) + definitions[:_DEFINITIONS] + _runs(words)
    random.Random(2).shuffle(texts)  # noqa: S311
    return texts[:MOST_TEXTS]


def _definitions(wordnet: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in wordnet[f"data.{part}"].splitlines():
            if line.startswith("  "):
                continue
            head, gloss = line.split(" | ", 1)
            fields = head.split(" ")
            words = [fields[4 + 2 * at].replace("_", " ") for at in range(int(fields[3], 16))]
            words = [re.sub(r"\(.*\)", "", word) for word in words]
            if meaning := re.sub(r'"[^"]*"', "", gloss).strip(" ;"):
                found.append(f"{words[0]}: {meaning}" if len(found) % 2 else meaning)
            found += re.findall(r'"([^"]+)"', gloss)
            found.append(" ".join(words))
    return found


def _counts(listed: str) -> Mapping[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for line in listed.splitlines():
        key, _, count = line.split()
        word, rest = key.split("%")
        counts[word.replace("_", " "), _PARTS[int(rest[0]) - 1]] += int(count)
    return counts


def _sentences(counts: Mapping[tuple[str, str], int]) -> list[str]:
    drawn = random.Random(7)  # noqa: S311
    words = {part: [word for (word, of), _ in counts.items() if of == part] for part in "nva"}
    weights = {part: [count**0.6 for (_, of), count in counts.items() if of == part] for part in "nva"}

    def pick(own: Sequence[str], part: str, share: float) -> str:
        return drawn.choice(own) if drawn.random() < share else drawn.choices(words[part], weights[part])[0]

    def filled() -> str:
        return drawn.choice(PATTERNS).format(
            v=pick(VERBS, "v", 0.7),
            t=pick(THINGS, "n", 0.7),
            t2=pick(THINGS, "n", 0.7),
            p=pick(QUALITIES, "a", 0.8),
            p2=pick(QUALITIES, "a", 0.8),
            s=drawn.choice(PEOPLE),
            w=drawn.choice(TIMES),
        )

    made: set[str] = set()
    while len(made) < _SENTENCES:
        text = filled()
        if drawn.random() < 0.15:  # noqa: PLR2004 - some have two sentences.
            text += f". {filled()}"
        made.add(text)
    return sorted(made)


def _runs(words: Sequence[str]) -> list[str]:
    drawn = random.Random(8)  # noqa: S311
    return [
        " ".join(words[int(len(words) * drawn.random() ** 2)] for _ in range(drawn.randint(1, 4))) for _ in range(_RUNS)
    ]
