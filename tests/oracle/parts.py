"""What one subject is, and what one contribution says at present."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from tests.oracle.links import Link
from tests.oracle.registry import Name
from tests.oracle.routing import Target
from tests.oracle.saying import Said
from tests.oracle.severity import Judgement

# A state's revision, time and id: of two states the greater holds.
Rank = tuple[int, datetime, str]


class Cause(Protocol):
    """A record by which something moved."""

    @property
    def source(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def at(self) -> datetime: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A record that says nothing itself of those whom it moves."""

    source: str
    event_id: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class Subject:
    """The state that holds, by its revision, time and id; and when the subject began."""

    rank: Rank
    began: datetime
    withdrawn: bool


@dataclass(slots=True, kw_only=True)
class Part:
    """One contribution: a subject's state, or one remark of it. `began_as` is the category it was first heard under.

    Its link may change until a time after it was decided under a name, which `waits` gives by the name.

    A state was `closed` when it was first done, if it has been since; `reopened` says that it was not, once. What its
    source does not call done can be `settled` by what else its customer said.
    """

    said: Said
    began: datetime
    began_as: str
    link: Link
    process: str
    done: bool
    closed: datetime | None = None
    reopened: bool = False
    settled: bool = False
    judgement: Judgement | None = None
    targets: tuple[Target, ...] = ()
    waits: dict[Name, datetime] = field(default_factory=dict)
