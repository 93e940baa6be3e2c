"""The files of the package that a browser asks for -> their bytes, each under the digest of what it holds.

The list is closed and read once, so that no path of a request ever reaches the disk. Scripts of others are there where
`make setup` could fetch them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_STATIC = Path(__file__).parent / "static"
_OURS = ("console.css", "console.js", "favicon.svg")
_LIVE = ("vendor/htmx.min.js", "vendor/hx-sse.min.js")
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    body: bytes
    media_type: str
    digest: str


def _served(name: str) -> Served:
    body = (_STATIC / name).read_bytes()
    return Served(body=body, media_type=_TYPES[Path(name).suffix], digest=hashlib.sha256(body).hexdigest()[:16])


FILES: Mapping[str, Served] = {name: _served(name) for name in (*_OURS, *_LIVE) if (_STATIC / name).is_file()}
# Both or none: the one is of no use without the other.
LIVE: tuple[str, ...] = _LIVE if all(name in FILES for name in _LIVE) else ()


def address(name: str) -> str:
    """Write the address under which a file may be kept for ever: another content has another one."""
    return f"/static/{name}?v={FILES[name].digest}"
