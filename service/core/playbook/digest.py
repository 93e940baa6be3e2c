"""Playbook -> its canonical text and the digest that every decision carries.

The text is JSON with sorted keys, every default written out and durations in seconds, so that files laid out otherwise,
comments and a later release's defaults change neither. Being YAML as well, it can be loaded again.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from math import isfinite

from service.core.identity import canonical
from service.core.playbook.model import Playbook

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
            return f"{int(value.total_seconds())}s"
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case float() if not isfinite(value):
            raise ValueError("a number is not finite; write one that is")
        case _:
            return value
