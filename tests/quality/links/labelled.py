"""890 real incidents and real verbatims -> process events, feedback about them, and which incident each one means.

The set is semi-synthetic: incidents, callers and times are those of one desk, the words are those of patients, and who
wrote when about what is drawn. Nothing is imported of the service: what deploy/docs/linking.md makes of a feedback is
worked out again in `worded.py`.
"""

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.quality.links.typing_noise import TYPED, type_reference

WINDOW = timedelta(days=14)
PROCESS = "incident-management"
_CLASSES = {"explicit": 600, "customer": 890, "reference": 890, "nothing": 500, "several": 450}
_FRAMES = ("{words} It is about {number}.", "{number}: {words}", "Incident {number}\n{words}", "{words} ({number})")


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One real incident; `keys` are made up, so that each step of the ladder has a key of its own."""

    number: str
    caller: str
    begun: datetime
    ended: datetime
    keys: tuple[str, ...] = ()

    def ran_at(self, at: datetime) -> bool:
        return self.begun <= at <= self.ended + WINDOW

    def events(self) -> Iterator[dict[str, Any]]:
        for lifecycle, at in (("start", self.begun), ("complete", self.ended)):
            body = {"instance": self.number, "process": PROCESS, "lifecycle": lifecycle, "keys": list(self.keys)}
            yield _event(f"{self.number}-{lifecycle}", "/desk", "process.instance.v1", at, body, self.caller)


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """One feedback and the truth: the incident that is `meant`; none where nothing or no single one is.

    `named` are the keys of incidents that its fields bear, `typed` what its text has for a number: how it was typed and
    the number with what the words undo undone.
    """

    name: str
    group: str
    kind: str
    at: datetime
    caller: str | None
    meant: str | None = None
    named: str | None = None
    typed: tuple[str, ...] = ()
    event: dict[str, Any] = field(repr=False)


def incidents(raw: Path) -> dict[str, Incident]:
    """Read the last revision of each incident: it began when opened, and ended when resolved, else when closed."""
    last = {record["number"]: record for record in map(json.loads, raw.read_text().splitlines())}
    found = {}
    for number, record in last.items():
        begun = _minute(record["opened_at"])
        ended = _minute(record["closed_at"] if record["resolved_at"] == "?" else record["resolved_at"])
        keys = (f"case-{number[3:]}", f"T{number[3:]}")
        found[number] = Incident(
            number=number, caller=record["caller_id"], begun=begun, ended=max(begun, ended), keys=keys
        )
    return found


def verbatims(raw: Path) -> list[str]:
    """Read what patients wrote, unless it says next to nothing."""
    answers = (json.loads(line)["FFT answer"] for line in raw.read_text().splitlines())
    return [answer[:400].strip() for answer in answers if len(answer) > len("Did not answer, none")]


class Draw:
    """Draws the labelled set; `share` takes every so manieth of each class."""

    def __init__(self, known: dict[str, Incident], words: Sequence[str], seed: int, share: int = 1) -> None:
        self.incidents = known
        self.feedback: list[Labelled] = []
        self._dice = random.Random(seed)
        self._words = words
        self._callers: dict[str, list[Incident]] = {}
        for one in known.values():
            self._callers.setdefault(one.caller, []).append(one)
        for group, count in _CLASSES.items():
            for turn in range(count // share):
                getattr(self, f"_{group}")(turn)

    def _explicit(self, turn: int) -> None:
        one, kind = self._any(), ("instance_id", "business_key", "ticket")[turn % 3]
        fields: dict[str, dict[str, str]] = {
            "instance_id": {"process_instance_key": one.number},
            "business_key": {"business_key": one.keys[0], "process": PROCESS},
            "ticket": {"ticket_ref": one.keys[1]},
        }
        caller = self._dice.choice([one.caller, one.caller, None])
        named = next(iter(fields[kind].values()))
        self._add("explicit", kind, self._around(one), caller, fields[kind], meant=one.number, named=named)

    def _customer(self, turn: int) -> None:
        one = list(self.incidents.values())[turn % len(self.incidents)]
        self._add("customer", "time", self._around(one), one.caller, meant=one.number)

    def _reference(self, turn: int) -> None:
        one = self._any()
        (kind,) = self._dice.choices([*TYPED], [*TYPED.values()])
        typed, undone = type_reference(one.number, kind, self._dice)
        caller = one.caller if turn % 10 else None
        self._add("reference", kind, self._around(one), caller, meant=one.number, typed=((typed, undone),))

    def _nothing(self, turn: int) -> None:
        one = self._any()
        at = self._around(one)
        kind = ("anonymous", "stranger", "long_ago", "unknown_key", "unknown_reference")[turn % 5]
        match kind:
            case "anonymous":
                self._add("nothing", kind, at, None)
            case "stranger":
                self._add("nothing", kind, at, f"Stranger {turn}")
            case "long_ago":
                last = max(each.ended for each in self._callers[one.caller])
                later = last + WINDOW + timedelta(minutes=self._dice.randrange(1, 60 * 24 * 60))
                self._add("nothing", kind, later, one.caller)
            case "unknown_key":
                name = self._dice.choice(["business_key", "ticket_ref", "order_ref"])
                fields = {"process": PROCESS, name: f"gone-{turn}"}
                self._add("nothing", kind, at, one.caller if turn % 2 else None, fields, named=f"gone-{turn}")
            case _:
                number = f"INC9{self._dice.randrange(10**6):06}"
                self._add("nothing", kind, at, one.caller if turn % 2 else None, typed=((number, number),))

    def _several(self, turn: int) -> None:
        kind = ("shared_key", "customer", "two_references")[turn % 3]
        if kind == "customer":
            one, other = self._pair(same_caller=True)
            self._add("several", kind, self._both(one, other), one.caller)
            return
        one, other = self._pair(same_caller=False)
        at, caller = self._both(one, other), self._dice.choice([None, f"Stranger {turn}"])
        if kind == "two_references":
            # A stranger to both would be told that neither is meant.
            self._add("several", kind, at, None, typed=((one.number, one.number), (other.number, other.number)))
            return
        key = f"job-{turn}"
        for each in (one, other):
            now = self.incidents[each.number]
            self.incidents[each.number] = Incident(**{**vars(now), "keys": (*now.keys, key)})
        name = "ticket_ref" if turn % 2 else "business_key"
        self._add("several", kind, at, caller, {"process": PROCESS, name: key}, named=key)

    def _any(self) -> Incident:
        return self._dice.choice(list(self.incidents.values()))

    def _around(self, one: Incident) -> datetime:
        """Draw a minute of its life or of the 14 days after it."""
        return self._minute_in(one.begun, one.ended + WINDOW)

    def _both(self, one: Incident, other: Incident) -> datetime:
        return self._minute_in(max(one.begun, other.begun), min(one.ended, other.ended) + WINDOW)

    def _minute_in(self, first: datetime, last: datetime) -> datetime:
        return first + timedelta(minutes=self._dice.randint(0, (last - first) // timedelta(minutes=1)))

    def _pair(self, *, same_caller: bool) -> tuple[Incident, Incident]:
        while True:
            one = self._any()
            other = self._dice.choice(self._callers[one.caller]) if same_caller else self._any()
            together = max(one.begun, other.begun) <= min(one.ended, other.ended) + WINDOW
            if one.number != other.number and (one.caller == other.caller) is same_caller and together:
                return one, other

    def _add(
        self,
        group: str,
        kind: str,
        at: datetime,
        caller: str | None,
        correlation: dict[str, str] | None = None,
        typed: tuple[tuple[str, str], ...] = (),
        **truth: Any,  # noqa: ANN401 - the rest of Labelled
    ) -> None:
        name = f"r{len(self.feedback)}"
        text = self._dice.choice(self._words)
        if typed:
            number = " and ".join(one for one, _ in typed)
            text = self._dice.choice(_FRAMES).format(words=text, number=number)
        body = {
            "response_id": name,
            "metrics": [{"kind": "nps", "raw": self._dice.randint(0, 10)}],
            "verbatims": [{"text": text, "language": "en"}],
            "correlation": correlation or {},
        }
        event = _event(name, "/survey", "feedback.survey.response.v1", at, body, caller)
        undone = tuple(one for _, one in typed)
        self.feedback.append(
            Labelled(name=name, group=group, kind=kind, at=at, caller=caller, typed=undone, event=event, **truth)
        )


def by_words(one: Labelled, known: dict[str, Incident]) -> tuple[str, str | None]:
    """Work out the status and the incident that deploy/docs/linking.md gives, from the lists of the draw alone."""
    every = known.values()
    mine = [each for each in every if each.caller == one.caller and each.ran_at(one.at)] if one.caller else []
    if one.named is not None:
        found = [each for each in every if one.named in (each.number, *each.keys)]
        return _one_of(found, "unlinked")
    exact = [each for each in every if each.number in one.typed and each.begun <= one.at]
    if found := [each for each in exact if one.caller in (None, each.caller)]:
        return _one_of(found, "unlinked")
    if one.typed:
        same = [each for each in mine if each.number in map(_with_letters, one.typed)]
        close = same or [each for each in mine if any(distance(each.number, typed) == 1 for typed in one.typed)]
        is_exact = any(re.fullmatch(r"INC\d{7}", typed) for typed in one.typed)
        return _one_of(close if close or is_exact else mine, "unlinked")
    return _one_of(mine, "unlinked" if one.caller else "none")


def _with_letters(typed: str) -> str:
    """Put the letters back where they were left out."""
    return f"INC{typed}" if re.fullmatch(r"\d{7}", typed) else typed


def distance(one: str, other: str) -> int:
    """Count left out, added, wrong and swapped characters (optimal string alignment), by the table of the textbook."""
    rows = [[row + column for column in range(len(other) + 1)] for row in range(len(one) + 1)]
    for row in range(1, len(one) + 1):
        for column in range(1, len(other) + 1):
            change = rows[row - 1][column - 1] + (one[row - 1] != other[column - 1])
            rows[row][column] = min(rows[row - 1][column] + 1, rows[row][column - 1] + 1, change)
            if row > 1 < column and one[row - 2 : row] == other[column - 2 : column][::-1]:
                rows[row][column] = min(rows[row][column], rows[row - 2][column - 2] + 1)
    return rows[-1][-1]


def is_answerable(one: Labelled, known: dict[str, Incident]) -> bool:
    """Say whether what was written leaves one answer, and that is the one that is meant."""
    return one.meant is not None and by_words(one, known) == ("linked", one.meant)


def _one_of(found: list[Incident], otherwise: str) -> tuple[str, str | None]:
    if len(found) == 1:
        return ("linked", found[0].number)
    return ("ambiguous" if found else otherwise, None)


def _minute(written: str) -> datetime:
    return datetime.strptime(written, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def _event(name: str, source: str, kind: str, at: datetime, body: dict[str, Any], caller: str | None) -> dict[str, Any]:
    who = {"customer": {"ref": caller}} if caller else {}
    head = {"specversion": "1.0", "id": name, "source": source, "type": kind, "time": at.isoformat()}
    return {**head, "data": {**body, **who}}
