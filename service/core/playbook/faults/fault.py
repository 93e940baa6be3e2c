"""What a check of the playbook finds."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]

# Looking for a name that was perhaps meant takes microseconds for each known one, and the square of a long name.
_MOST_COMPARED = 200
_LONGEST_COMPARED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong at a path of the document. `missing` is the name that nothing answers to, where that is it."""

    path: Path
    message: str
    missing: str | None = None


def unknown(path: Path, what: str, name: str, known: Collection[str]) -> Fault:
    """Say that a name is not among the known ones, and which of these was perhaps meant."""
    is_cheap = len(known) <= _MOST_COMPARED and len(name) <= _LONGEST_COMPARED
    close = get_close_matches(name, known, n=1) if is_cheap else []
    advice = f"did you mean {close[0]}?" if close else f"add it, or use one of {_listed(known)}"
    return Fault(path=path, message=f"{name[:_LONGEST_COMPARED]!r} is not a known {what}; {advice}", missing=name)


def _listed(known: Collection[str], most: int = 12) -> str:
    names = sorted(known)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
