"""Attempts that failed, by who made them -> how long the next one has to wait. Memory is bounded whoever comes."""

import math
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

MOST_OF_ADDRESS = 20
MOST_OF_KEY = 10
_WITHIN = 60.0
_MOST_NAMES = 20_000
# Whoever has one address of the sixth version has all that begin like it.
_SITE = 64


class Failures:
    """Counts by the minute; of too many names those that failed longest ago are forgotten."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._counted: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def count(self, name: str) -> None:
        now = self._monotonic()
        began, count = self._counted.pop(name, (now, 0))
        self._counted[name] = (now, 1) if now - began >= _WITHIN else (began, count + 1)
        if len(self._counted) > _MOST_NAMES:
            self._counted.popitem(last=False)

    def wait(self, name: str, most: int) -> int:
        """Return the whole seconds until another attempt is looked at; none where there were fewer than `most`."""
        began, count = self._counted.get(name, (0.0, 0))
        left = began + _WITHIN - self._monotonic()
        return math.ceil(left) if count >= most and left > 0 else 0


def site(address: str) -> str:
    """Name who stands behind an address, as far as it tells."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{int(parsed) >> _SITE:x}"
    return str(parsed)
