"""Instants and durations -> how people read them: how long ago, in how long, exactly when. All in UTC."""

from datetime import UTC, datetime

_STEPS = ((86_400 * 7, "week", "weeks"), (86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"))
_SOON = 60


def ago(at: datetime, now: datetime) -> str:
    """Say how far an instant lies from now, in one unit: "3 min ago", "in 2 days"."""
    seconds = (now - at).total_seconds()
    if abs(seconds) < _SOON:
        return "just now" if seconds >= 0 else "in a moment"
    said = _one_unit(abs(seconds))
    return f"{said} ago" if seconds > 0 else f"in {said}"


def exact(at: datetime) -> str:
    """Write an instant for people."""
    return f"{at.astimezone(UTC):%a %d %b %Y, %H:%M:%S} UTC"


def instant(at: datetime) -> str:
    """Write an instant for machines, as `datetime` of a time element wants it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def lasting(seconds: float) -> str:
    """Say how long something lasts, in one unit."""
    return _one_unit(seconds) if seconds >= _SOON else f"{seconds:.0f} s"


def _one_unit(seconds: float) -> str:
    for length, one, several in _STEPS:
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {one if number == 1 else several}"
    return f"{seconds:.0f} s"
