"""A seed -> months of plain complaints about a few processes, which the volume rule needs: the demo is too short.

Some processes are exposed by the instances that they complete, some by the answers to surveys, and some by nothing that
is known. Trouble comes to one cell, to one category everywhere, or to one process as a whole. Now and then a process is
down, which brings no trouble here.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

_TEXTS = (
    "My parcel is delayed, unacceptable.",
    "The invoice is wrong, unacceptable.",
    "The app crashes, unacceptable.",
)
_CUSTOMERS = 300
_SECONDS_A_DAY = 86_400
# Completions on each day of a week, Monday first: none on most Sundays.
_BUSY = (1.5, 1.2, 1.0, 1.0, 1.4, 0.8, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """Good `answers` and instances `completed` a week, and the part of its complaints that are answers.

    Its complaints are about the first so many `subjects`.
    """

    name: str
    surveyed: float
    answers: float = 0.0
    completed: float = 0.0
    first_week: int = 0
    counted_from: int = 0
    subjects: int = len(_TEXTS)


_PROCESSES = (
    Process(name="delivery", surveyed=0.5, answers=3, completed=20),
    Process(name="order-to-cash", surveyed=1.0, answers=12),
    # Two cells are no siblings.
    Process(name="returns-and-refunds", surveyed=0.6, answers=4, subjects=2),
    # Its engine reports from the third week on.
    Process(name="loyalty", surveyed=0.2, completed=8, counted_from=2),
    # It is heard of later than the others, and later than its engine.
    Process(name="click-and-collect", surveyed=0.9, answers=6, completed=5, first_week=2),
    Process(name="customer-care", surveyed=0.95, answers=8, first_week=1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Complaints come so many times as often; None for `process` or `text` stands for every one."""

    process: str | None
    text: str | None
    weeks: range
    times: float


def months(seed: int, weeks: int, start: datetime) -> list[Record]:
    """Draw weeks of records, in no order of time; `start` is a Monday."""
    dice = Random(seed)
    troubles = _troubles(dice, weeks)
    return [
        record
        for process in _PROCESSES
        for week in range(weeks)
        for record in _week(dice, process, week, start + timedelta(weeks=week), troubles)
    ] + list(_downtimes(dice, weeks, start))


def an_outage_taken_back(start: datetime) -> list[Record]:
    """Draw an outage in three processes, after which one of them takes back all that was ever said of it."""
    dice = Random(0)
    records = []
    for process in ("delivery", "loyalty", "order-to-cash"):
        for week in range(18):
            for number in range(5 if week == 12 else 1):
                name, at = f"{process}-{week}-{number}", start + timedelta(weeks=week, hours=number)
                records.append(_answer(dice, name, process, at, score=1, text=_TEXTS[0]))
                if process == "loyalty":
                    taken_back = max(at, start + timedelta(weeks=14)) + timedelta(minutes=1)
                    records.append(_withdrawal(name, taken_back))
    return records


def _downtimes(dice: Random, weeks: int, start: datetime) -> Iterator[Record]:
    """Draw a downtime in every other week; some have no name, and of some it is said later that they went on."""
    for number in range(weeks // 2):
        process = dice.choice(("Delivery", "o2c", "returns-and-refunds", "loyalty", "unheard-of"))
        began = start + timedelta(seconds=dice.randrange(weeks * 7 * _SECONDS_A_DAY))
        data = {"process": process, "started_at": began.replace(microsecond=0).isoformat()}
        if dice.random() < 0.7:
            data["downtime_id"] = f"d{number}"
        lasted = dice.choice((0.5, 0.99, 1, 3, 60)) * timedelta(hours=1)
        told = [None, began + lasted] if dice.random() < 0.5 else [began + lasted / 2, began + lasted]
        for word, over in enumerate(told):
            said = {**data, "ended_at": over.replace(microsecond=0).isoformat()} if over is not None else data
            # The last word comes days later now and then, after a tick that knew no better.
            at = (over or began) + dice.choice((0, 0, 9)) * word * timedelta(days=1)
            yield _record(f"d-{number}-{word}", "/engine", "process.downtime.v1", at, said)


def _troubles(dice: Random, weeks: int) -> list[Trouble]:
    def some(length: int) -> range:
        first = dice.randrange(6, weeks - length)
        return range(first, first + length)

    process, text = dice.choice(_PROCESSES).name, dice.choice(_TEXTS)
    return [
        Trouble(process=process, text=text, weeks=some(3), times=dice.choice((4, 7))),
        Trouble(process=None, text=dice.choice(_TEXTS), weeks=some(1), times=dice.choice((3, 4))),
        Trouble(process=dice.choice(_PROCESSES).name, text=None, weeks=some(2), times=4),
        Trouble(process="returns-and-refunds", text=None, weeks=some(1), times=4),
    ]


def _week(dice: Random, process: Process, week: int, monday: datetime, troubles: list[Trouble]) -> Iterator[Record]:
    name = f"{process.name}-{week}"
    if week >= process.counted_from:
        for number in range(_poisson(dice, process.completed)):
            at = monday + timedelta(days=dice.choices(range(7), _BUSY)[0], seconds=dice.randrange(_SECONDS_A_DAY))
            yield from _instance(dice, f"{name}-{number}", process.name, at)
    if week < process.first_week:
        return
    for number in range(_poisson(dice, process.answers)):
        yield _answer(dice, f"{name}-good-{number}", process.name, _some_time(dice, monday), score=5, text="")
    for place, text in enumerate(_TEXTS[: process.subjects]):
        rate = 0.8 + 0.5 * place
        for trouble in troubles:
            if week in trouble.weeks and trouble.process in (None, process.name) and trouble.text in (None, text):
                rate *= trouble.times
        for number in range(_poisson(dice, rate)):
            yield from _complaint(dice, process, f"{name}-{place}-{number}", text, _some_time(dice, monday))


def _complaint(dice: Random, process: Process, name: str, text: str, at: datetime) -> Iterator[Record]:
    if dice.random() >= process.surveyed:
        data = {"ticket_id": name, "body": text, "language": "en", "comment_author_role": "customer"}
        yield _record(f"t-{name}", "/tickets", "feedback.ticket.created.v1", at, _about(dice, process.name, data))
        return
    yield _answer(dice, name, process.name, at, score=1, text=text)
    if dice.random() < 0.05:
        # It is taken back, in the same week or in one that has been judged.
        yield _withdrawal(name, at + timedelta(days=10 * dice.random()))


def _answer(dice: Random, name: str, process: str, at: datetime, *, score: int, text: str) -> Record:
    data: Record = {
        "response_id": name,
        "revision": 0,
        "metrics": [{"kind": "csat", "raw": score}],
        "verbatims": [{"text": text, "language": "en"}] if text else [],
    }
    return _record(f"r-{name}", "/surveys", "feedback.survey.response.v1", at, _about(dice, process, data))


def _withdrawal(name: str, at: datetime) -> Record:
    data: Record = {"response_id": name, "state": "deleted", "revision": 1}
    return _record(f"d-{name}", "/surveys", "feedback.survey.response.v1", at, data)


def _instance(dice: Random, name: str, process: str, at: datetime) -> Iterator[Record]:
    data = {
        "instance": name,
        "process": process,
        "lifecycle": dice.choice(("complete", "complete", "complete", "fail")),
    }
    yield _record(f"i-{name}", "/engine", "process.instance.v1", at, data)
    if dice.random() < 0.3:
        # The end of an activity is not that of its instance.
        data = {**data, "lifecycle": "complete", "activity": "pack"}
        yield _record(f"a-{name}", "/engine", "process.instance.v1", at - timedelta(hours=1), data)
    if dice.random() < 0.1:
        # It is taken up and completed again.
        data = {"instance": name, "process": process, "lifecycle": "complete"}
        yield _record(f"j-{name}", "/engine", "process.instance.v1", at + timedelta(days=5 * dice.random()), data)


def _about(dice: Random, process: str, data: Record) -> Record:
    return {**data, "customer": {"ref": f"c{dice.randrange(_CUSTOMERS)}"}, "correlation": {"process": process}}


def _record(event_id: str, source: str, kind: str, at: datetime, data: Record) -> Record:
    second = at.replace(microsecond=0).isoformat()
    return {"specversion": "1.0", "id": event_id, "source": source, "type": kind, "time": second, "data": data}


def _some_time(dice: Random, monday: datetime) -> datetime:
    return monday + timedelta(seconds=dice.randrange(7 * _SECONDS_A_DAY))


def _poisson(dice: Random, mean: float) -> int:
    found, left = 0, dice.random()
    while left > math.exp(-mean):
        left *= dice.random()
        found += 1
    return found
