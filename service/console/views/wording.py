"""Members of closed lists and figures -> words for people."""

from collections.abc import Iterable
from enum import StrEnum


def words(value: object) -> str:
    """Write a member of a closed list as words."""
    said = str(value.value) if isinstance(value, StrEnum) else str(value)
    return said.replace("_", " ")


def sentence(value: object) -> str:
    """Write it as the beginning of a sentence."""
    said = words(value)
    return said[:1].upper() + said[1:]


def count(number: int, one: str, several: str | None = None) -> str:
    """Say how many: "1 customer", "1,204 customers"."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def percent(share: float) -> str:
    """Write a share of 1."""
    return f"{share:.0%}" if share >= 0.1 or share == 0 else f"{share:.1%}"  # noqa: PLR2004


def named(members: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Pair each member's value with how it is called."""
    return [(one.value, sentence(one)) for one in members]
