"""A seed -> a few customers who answer surveys and write tickets about the same few cases: bad, good, bad once more.

Denser than `streams`, so that complaints are settled by answers and by tickets, and are taken up again.
"""

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.builders import instance, survey, ticket
from tests.properties.streams import Happening, Life

_CUSTOMERS = (*("anna", "ben", "cleo") * 3, None)
_KINDS = (*("transactional",) * 7, "relationship")
_PROCESSES = (*("shipping",) * 7, "returns", None)
_CASES = ("i1", "i2", None)
_STATES = (*("complete",) * 8, "deleted")
_SCORES = (0, 3, 9, 10)
_TEXTS = (*("",) * 5, "late", "fire")
_CHANGES = (*("status",) * 5, "reopened", "csat", "deleted")
_STATUSES = ("solved", "solved", "closed", "open")


def talks(span: timedelta) -> st.SearchStrategy[list[Life]]:
    """Draw the lives of a few answers and tickets within a span, after what is said of two instances."""
    return st.integers(0, 1_000_000).map(lambda seed: _talk(Random(seed), span))


def orders() -> st.SearchStrategy[list[int]]:
    """Draw picks for `arrivals` that leave no order of few lives out."""
    return st.integers(0, 1_000_000).map(lambda seed: Random(seed).choices(range(60), k=60))


def _talk(dice: Random, span: timedelta) -> list[Life]:
    said = [(Happening(timedelta(), instance(name, event_id=f"{name}-start")),) for name in ("i1", "i2")]
    return said + [_life(dice, number, span) for number in range(dice.randrange(4, 14))]


def _life(dice: Random, number: int, span: timedelta) -> Life:
    make = dice.choice((_answer, _answer, _ticket))
    # Whose it is and what it is about stays as it was said first.
    customer, named = dice.choice(_CUSTOMERS), {"process": dice.choice(_PROCESSES), "instance": dice.choice(_CASES)}
    kind, ticket_ref = dice.choice(_KINDS), f"t{dice.randrange(9)}" if dice.random() < 0.3 else None
    named |= {"ticket_ref": ticket_ref} if make is _answer else {}
    told: dict[str, Any] = {"correlation": {name: value for name, value in named.items() if value is not None}}
    told |= {"survey_kind": kind} if make is _answer else {}
    # In steps of seven minutes, so that some follow one another within a quarter of an hour.
    steps = sorted(dice.randrange(span // timedelta(minutes=7)) for _ in range(dice.choice((1, 1, 2, 3))))
    return tuple(
        Happening(timedelta(minutes=7 * step), make(dice, number, at, {**told, "customer": customer}))
        for at, step in enumerate(steps)
    )


def _answer(dice: Random, number: int, at: int, told: Mapping[str, Any]) -> dict[str, Any]:
    score, text, state = dice.choice(_SCORES), dice.choice(_TEXTS), dice.choice(_STATES)
    return survey(f"r{number}", score, text, event_id=f"r{number}-{at}", state=state, **told)


def _ticket(dice: Random, number: int, at: int, told: Mapping[str, Any]) -> dict[str, Any]:
    change = dice.choice(_CHANGES) if at else "created"
    more: dict[str, Any] = {}
    match change:
        case "csat":
            more["csat"] = {"raw": dice.choice((1, 5))}
        case "created" | "status":
            more["status"] = dice.choice(_STATUSES) if at else "new"
            more["priority"] = dice.choice(("low", "low", "low", "normal", "urgent"))
        case _:
            pass
    return ticket(change, f"t{number}", event_id=f"t{number}-{at}", **told, **more)
