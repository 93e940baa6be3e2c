"""A JSON file -> the rules of the job: `{"categories": {name: [keywords]}, "floor": 40, "team_of": {process: team}}`.

Keywords are found as whole words in casefolded text; the order of the categories decides where two have as many.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

NO_TEAM = "arbitration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`categories_of` says by keyword which categories it speaks for, `order` which comes first."""

    found: re.Pattern[str]
    categories_of: Mapping[str, tuple[str, ...]]
    order: Mapping[str, int]
    floor: int
    team_of: Mapping[str, str]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        given = orjson.loads(Path(path).read_bytes())
        categories_of: dict[str, tuple[str, ...]] = {}
        for category, keywords in given["categories"].items():
            for keyword in dict.fromkeys(map(str.casefold, keywords)):
                categories_of[keyword] = (*categories_of.get(keyword, ()), category)
        # The longer one first, since the first that fits is taken.
        words = "|".join(map(re.escape, sorted(categories_of, key=lambda word: (-len(word), word))))
        return cls(
            found=re.compile(rf"(?<!\w)(?:{words})(?!\w)"),
            categories_of=categories_of,
            order={category: place for place, category in enumerate(given["categories"])},
            floor=given["floor"],
            team_of=given["team_of"],
        )
