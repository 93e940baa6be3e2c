"""What a story did, wanted and heard -> its course in lines, in order of time, with what went otherwise marked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from tests.story.matching import Matched
from tests.story.wording import Open, clock

_MET, _UNEXPECTED, _MISSING = "ok", "!!", "??"


@dataclass(frozen=True, slots=True)
class Done:
    """A step as it went; `failed` says that it did not do what the story asked."""

    at: timedelta
    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """`wanted_open` is None where the story does not say what is to be open at its end."""

    done: Sequence[Done]
    matched: Matched
    end: timedelta
    found_open: Sequence[Open] = ()
    wanted_open: Sequence[Open] | None = None
    faults: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "faults", tuple(_faults(self)))

    def __str__(self) -> str:
        head = f"The story went otherwise: {', '.join(self.faults)}." if self.faults else "The story went as told."
        times = [(line, clock(line.at)) for line in sorted(_lines(self), key=lambda one: (one.at, one.order))]
        width = max(len(time) for _, time in times)
        course = [f" {line.mark:2}  {time:>{width}}  {line.text}" for line, time in times]
        return "\n".join([head, *course, *_ends(self)])


class _Line(NamedTuple):
    at: timedelta
    order: int
    mark: str
    text: str


def _lines(course: Course) -> Iterator[_Line]:
    for done in course.done:
        yield _Line(done.at, 0, _UNEXPECTED if done.failed else "", done.text)
    for want, notice in course.matched.met:
        yield _Line(notice.at, 1, _MET, f"notice  {notice.said}; wanted {want.window}")
    for notice in course.matched.unexpected:
        yield _Line(notice.at, 1, _UNEXPECTED, f"notice  {notice.said}; unexpected")
    for want in course.matched.missing:
        yield _Line(want.window.first, 2, _MISSING, f"want    {want.said}; missing {want.window}")
    yield _Line(course.end, 3, "", "end")


def _ends(course: Course) -> Iterator[str]:
    stated = course.wanted_open is not None
    found = Counter(course.found_open)
    wanted = found if course.wanted_open is None else Counter(course.wanted_open)
    for mark, alerts, note in (
        (_MET if stated else "", found & wanted, ""),
        (_UNEXPECTED, found - wanted, "; unexpected"),
        (_MISSING, wanted - found, "; missing"),
    ):
        for alert in sorted(alerts.elements(), key=str):
            yield f" {mark:2}  open at the end  {alert}{note}"


def _faults(course: Course) -> Iterator[str]:
    counts = {
        "step failed": sum(done.failed for done in course.done),
        "notice unexpected": len(course.matched.unexpected),
        "notice missing": len(course.matched.missing),
    }
    if course.wanted_open is not None:
        found, wanted = Counter(course.found_open), Counter(course.wanted_open)
        counts["open alert unexpected"] = (found - wanted).total()
        counts["open alert missing"] = (wanted - found).total()
    yield from (f"{count} {what}" for what, count in counts.items() if count)
