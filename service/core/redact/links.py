"""Text -> where its links hold what may let their holder in, or names a person, as (start, end) in ascending order.

A host with a plain path is left alone. Without a scheme or `www.` a link is only taken for one when it has a parameter
or a token: customers leave out the space after a full stop.
"""

import re
from collections.abc import Sequence

_LINK = re.compile(
    r"""(?:[a-z][a-z0-9+.-]{1,15}://|(?<![\w@.-])www\.)[^\s<>"]+"""
    r"""|(?<![\w@.-])(?P<bare>(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}[/?#][^\s<>"]+)""",
    re.IGNORECASE,
)
_HOST = re.compile(
    r"(?:[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?(?=[/?#;]|$)", re.IGNORECASE
)
_ENDING = ".,;:!?)'\u2019\u201d\u00bb"
_PLACEHOLDER = "[url]"
_TELLING = re.compile("[@?#=;]")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
# Shorter runs of letters and digits are article and order numbers.
_TOKEN_LENGTH = 16


def secret_links(text: str) -> Sequence[tuple[int, int]]:
    if "/" not in text and "=" not in text:
        return ()
    return [span for link in _LINK.finditer(text) if (span := _secret(link)) is not None]


def _secret(link: re.Match[str]) -> tuple[int, int] | None:
    whole = link[0].rstrip(_ENDING)
    start = whole.find("://") + 3 if "://" in whole and link["bare"] is None else 0
    rest = whole[start:]
    known = rest.replace(_PLACEHOLDER, "")
    host = _HOST.match(known)
    path = known if host is None else known[host.end() :]
    telling = "=" in path if link["bare"] is not None else _TELLING.search(path) is not None
    # What looks like a port but is none is the password of somebody who wrote `user:pass/word@host`.
    if not telling and not _has_token(path) and (host is not None or ":" not in path):
        return None
    if host is None or rest[: host.end()] != host[0]:
        return link.start() + start, link.start() + len(whole)
    kept = start + host.end() + (rest[host.end() : host.end() + 1] == "/")
    return link.start() + kept, link.start() + len(whole)


def _has_token(path: str) -> bool:
    runs = re.split(r"[^0-9A-Za-z_]+", path)
    return _UUID.search(path) is not None or any(len(run) >= _TOKEN_LENGTH and not run.isalpha() for run in runs)
