"""An address that a form names -> the same, where it is one of ours; else the front page."""

import re

_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,2000}", re.ASCII)


def local(to: str | None) -> str:
    """Return an address to lead somebody to: never one of another site."""
    return to if to is not None and _LOCAL.fullmatch(to) else "/"
