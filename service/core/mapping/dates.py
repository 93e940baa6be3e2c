"""A source's text of a time -> an aware moment in UTC, by the one format that a condition chose.

Formats are never tried in turn: 03/04/2022 would pass for March or April and nobody would see the error. The other
formats serve only to see whether the text could have said something else.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service.core.playbook.origins import Scalar

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE)
_SECONDS = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
_MILLISECONDS = re.compile(r"-?\d{1,15}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clockwork:
    """The formats of one source: those that a condition may choose, by its place, and the one taken otherwise."""

    chosen: tuple[tuple[str, str], ...]
    default: str
    zone: ZoneInfo
    ambiguous_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    at: datetime
    ambiguous: bool = False


def read_moment(clockwork: Clockwork, value: Scalar, chosen: str | None) -> Moment | None:
    """Read a value in the chosen format, in the default one where none is chosen; None where it does not fit."""
    at = parse_moment(value, chosen or clockwork.default, clockwork.zone)
    if at is None:
        return None
    doubtful = chosen is None and clockwork.ambiguous_default
    others = (parse_moment(value, written, clockwork.zone) for _, written in clockwork.chosen) if doubtful else ()
    return Moment(at=at, ambiguous=any(other not in (None, at) for other in others))


def parse_moment(value: Scalar, written: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment in UTC. Without an offset it is local time in `zone`; of two, the earlier."""
    if isinstance(value, bool) or value is None:
        return None
    text = str(value).strip()
    try:
        match written:
            case "unix" if _SECONDS.fullmatch(text):
                return datetime.fromtimestamp(float(text), UTC)
            case "unix_ms" if _MILLISECONDS.fullmatch(text):
                return datetime.fromtimestamp(float(text) / 1000, UTC)
            case "rfc3339" if _RFC3339.fullmatch(text):
                return _in_utc(datetime.fromisoformat(text.upper()), zone)
            case "unix" | "unix_ms" | "rfc3339":
                return None
            case _:
                return _in_utc(datetime.strptime(text, written), zone)  # noqa: DTZ007 - the zone follows at once
    except (ValueError, OverflowError, OSError):
        return None


def _in_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    return (moment.replace(tzinfo=zone) if moment.tzinfo is None else moment).astimezone(UTC)
