"""Dice and a number -> the customers of the demo: made-up people in four countries, some of whom come back often."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

_REGIONS = ("uk", "de", "fr", "es")
_REGION_SHARES = (40, 65, 85, 100)
_LANGUAGE_OF = {"uk": "en", "de": "de", "fr": "fr", "es": "es"}
_FOREIGN_SHARE = 0.03
_TIERS = ((0.02, "platinum"), (0.10, "gold"), (0.30, "silver"))
_FIRST_NAMES = (
    "alex", "anna", "carmen", "claire", "david", "elena", "emma", "fatima", "hugo", "ines", "jonas", "julia", "karl",
    "laura", "leo", "lucia", "marie", "mateo", "nadia", "noah", "olga", "oliver", "pablo", "paul", "priya", "sofia",
)  # fmt: skip
_LAST_NAMES = (
    "ahmed", "bakker", "baker", "costa", "dubois", "fischer", "garcia", "hughes", "jansen", "keller", "lambert",
    "martin", "meyer", "moreno", "okafor", "patel", "petit", "roux", "schmidt", "silva", "taylor", "vega", "wood",
)  # fmt: skip
_PHONES = 1000
# Above 1, so that low numbers come back more often than high ones: the one in a hundred writes four times as much.
_LOYALTY = 1.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """`phone` is a number below 1000 that a phrasebook turns into one of its country's numbers for fiction."""

    ref: str
    tier: str | None
    region: str
    language: str
    email: str
    phone: int


def population(dice: Random, size: int) -> tuple[Customer, ...]:
    return tuple(_customer(dice, number) for number in range(size))


def somebody(dice: Random, customers: Sequence[Customer]) -> Customer:
    return customers[int(len(customers) * dice.random() ** _LOYALTY)]


def _customer(dice: Random, number: int) -> Customer:
    region = dice.choices(_REGIONS, cum_weights=_REGION_SHARES)[0]
    drawn = dice.random()
    foreign = dice.random() < _FOREIGN_SHARE
    return Customer(
        ref=f"c-{number:05d}",
        tier=next((tier for share, tier in _TIERS if drawn < share), None),
        region=region,
        language=dice.choice(tuple(_LANGUAGE_OF.values())) if foreign else _LANGUAGE_OF[region],
        email=f"{dice.choice(_FIRST_NAMES)}.{dice.choice(_LAST_NAMES)}{number}@example.org",
        phone=dice.randrange(_PHONES),
    )
