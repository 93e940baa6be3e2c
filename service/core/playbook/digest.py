"""Playbook -> its canonical text and the digest that every decision carries.

The text is JSON with sorted keys, every default written out and durations in their largest whole unit, so that neither
the layout of the files nor their comments nor a later release's defaults change it. Being YAML as well, it loads again.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from math import isfinite

from service.core.identity import canonical
from service.core.playbook.model import Playbook

_UNITS = (("d", 86400), ("h", 3600), ("m", 60))
# YAML readers refuse these characters, which JSON leaves as they are.
_UNPRINTABLE = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


def canonical_text(playbook: Playbook) -> str:
    """Write the playbook in the one form that its digest is taken of.

    Raises ValueError where a number is not finite, since JSON has no word for it.
    """
    return canonical(_plain(playbook.model_dump(by_alias=True))).decode().translate(_UNPRINTABLE)


def digest(text: str) -> str:
    """Return the sha256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    match value:
        case Mapping():
            return {str(name): _plain(part) for name, part in value.items()}
        case tuple() | list():
            return [_plain(part) for part in value]
        case timedelta():
            return _duration(int(value.total_seconds()))
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case float() if not isfinite(value):
            raise ValueError("a number is not finite; write one that is")
        case _:
            return value


def _duration(seconds: int) -> str:
    unit, size = next(((unit, size) for unit, size in _UNITS if seconds and seconds % size == 0), ("s", 1))
    return f"{seconds // size}{unit}"
