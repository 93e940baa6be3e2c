"""A length of time -> how people say it: 48 hours and 72 hours, but 5 days."""

from datetime import timedelta

_UNITS = (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1)))
_LONGEST_IN_HOURS = timedelta(hours=72)


def in_words(span: timedelta) -> str:
    """Say it in the largest unit that divides it, seconds at the least."""
    for name, size in _UNITS:
        if span % size == timedelta() and (name != "day" or span > _LONGEST_IN_HOURS):
            return _counted(span // size, name)
    return _counted(span // timedelta(seconds=1), "second")


def _counted(count: int, name: str) -> str:
    return f"{count} {name}{'' if count == 1 else 's'}"
