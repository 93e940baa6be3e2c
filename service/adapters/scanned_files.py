"""Log files, a metrics page, a file of needles -> what they hold, line by line."""

from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from service.core.leaks import Needle, Piece, read_needles
from service.ports import OutOfReachError

# A line of a log that is longer than this is looked at in parts, so that a file without line breaks fits into memory.
_LONGEST = 1 << 20
_PATIENCE_SECONDS = 10.0


class NeedlesError(Exception):
    """Lines of a file of needles are at fault; the message has their numbers and nothing that stands in them."""


def needles(path: Path) -> tuple[Needle, ...]:
    """Read `{"class": ..., "value": ...}` from every line.

    Raises:
        NeedlesError: a line is no needle, or too short for one.
    """
    with path.open("rb") as lines:
        read = tuple(read_needles(lines))
    faults = [one for one in read if isinstance(one, int)]
    if faults:
        named = ", ".join(map(str, faults[:20]))
        raise NeedlesError(
            f"{path}: no needle in line {named}; each has a class and a value of five letters or digits."
        )
    return tuple(one for one in read if isinstance(one, Needle))


def log_lines(path: Path) -> Iterator[Piece]:
    with path.open("rb") as file:
        number = 0
        while line := file.readline(_LONGEST):
            number += 1
            yield Piece(place=path.name, at=f"line {number}", value=line)


def metrics_page(url: str) -> Iterator[Piece]:
    """Yield the names and labels of a Prometheus page; samples are numbers that anybody may know.

    Raises:
        OutOfReachError: nobody answers at the address.
    """
    if not url.startswith(("http://", "https://")):
        raise OutOfReachError(f"metrics: {url} is no address of http or https")
    try:
        with urlopen(url, timeout=_PATIENCE_SECONDS) as page:  # noqa: S310 (the scheme was looked at above)
            text = page.read().decode()
    except (URLError, TimeoutError, ValueError) as failed:
        raise OutOfReachError(f"metrics: {type(failed).__name__}") from failed
    for number, line in enumerate(text.splitlines(), start=1):
        told = line if line.startswith("#") else line.rpartition(" ")[0]
        yield Piece(place="metrics", at=f"line {number}", value=told)
