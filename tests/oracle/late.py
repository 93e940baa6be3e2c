"""Late cases of high-value customers: deploy/docs/alerts.md, from events of process instances alone.

The retail playbook has no source that makes tickets instances.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event
from tests.oracle.watched import Ledger, Watched

_ENDS = ("complete", "cancel", "fail")


@dataclass(slots=True, kw_only=True)
class Case:
    """What is known of an instance: its process and tier as said last, and when somebody has to look at it.

    `started` is its earliest event, `begun` its latest start as a whole, and `ended` its latest end. The
    event that changed its limit last was at `moved`.
    """

    name: str
    process: tuple[datetime, str]
    tier: tuple[datetime, str] | None = None
    started: datetime | None = None
    begun: datetime | None = None
    ended: datetime | None = None
    due: datetime | None = None
    moved: datetime | None = None

    @property
    def runs_since(self) -> datetime | None:
        if self.ended is None:
            return self.started
        return self.begun if self.begun is not None and self.begun > self.ended else None


@dataclass(slots=True)
class LateCases:
    playbook: Playbook
    bound: timedelta
    ledger: Ledger = field(init=False)
    _cases: dict[str, Case] = field(default_factory=dict)

    def __post_init__(self) -> None:
        severity = self.playbook.high_value.severity
        self.ledger = Ledger(
            playbook=self.playbook, bound=self.bound, kind="late_case", names="instance", severity=severity
        )

    def hear(self, event: Event, now: datetime) -> None:
        """Take in one event of an instance, after the limit that it had, if that has been reached."""
        name = event.data["instance"]
        process = self.playbook.process_names.get(event.data["process"].casefold(), event.data["process"])
        case = self._cases.setdefault(name, Case(name=name, process=(event.at, process)))
        had = self._limit(case)
        self._reach(case, now)
        _fold(case, event, process)
        if self._limit(case) != had:
            self._note_order(case, had, event.at)
            case.moved = event.at
        self._look(case, event.at, now)

    def run_on(self, now: datetime) -> None:
        """Apply what is reached when the stream has ended."""
        for case in self._cases.values():
            if case.due is not None:
                self.ledger.note(case.name, case.due, now)
                self._reach(case, now)

    def _note_order(self, case: Case, had: datetime | None, at: datetime) -> None:
        """Where a limit is taken away about when it is reached, or soon after it was given, order says which was first.

        So does a clock that waits for other partitions, and lags behind the event.
        """
        if had is None or case.moved is None or had - at > self.bound:
            return
        if abs(had - at) <= self.bound or at - case.moved <= self.bound:
            self.ledger.passing.add(self.ledger.key(case.name))

    def _reach(self, case: Case, now: datetime) -> None:
        if case.due is not None and case.due <= now:
            self._look(case, case.due, case.due)

    def _limit(self, case: Case) -> datetime | None:
        since, span = case.runs_since, self.playbook.process_limits.get(case.process[1])
        if since is None or span is None or case.tier is None or case.tier[1] not in self.playbook.high_value.tiers:
            return None
        return since + span

    def _look(self, case: Case, at: datetime, now: datetime) -> None:
        limit, alert = self._limit(case), self.ledger.open_one(case.name)
        case.due = None
        if limit is None or limit > now:
            case.due = limit
            if alert is not None:
                # Of a case that runs on and is not late nothing is left.
                alert.end(at, emptied=case.runs_since is not None)
            return
        if alert is None:
            stale_from = limit + self.playbook.stale_after
            self.ledger.note(case.name, stale_from, now)
            if now > stale_from:
                self._note_comeback(case, now)
                return
            alert = self.ledger.open(case.name, at, now)
        self._fill(alert, case)

    def _note_comeback(self, case: Case, now: datetime) -> None:
        """What is too old to come back would have gone on if the record that ended it had come later."""
        last = self.ledger.latest.get(case.name)
        if last is not None and last.resolved is not None:
            self.ledger.note(case.name, last.resolved, now)

    def _fill(self, alert: Watched, case: Case) -> None:
        alert.process, alert.events = case.process[1], 1
        alert.team = self.playbook.high_value.team or self.playbook.process_teams[alert.process]


def _fold(case: Case, event: Event, process: str) -> None:
    data, at, happened = event.data, event.at, event.happened
    whole = data.get("activity") is None
    if at >= case.process[0]:
        case.process = (at, process)
    if data.get("tier") is not None:
        case.tier = max(case.tier or (at, ""), (at, data["tier"]))
    if happened is None:
        return
    if whole and data["lifecycle"] in _ENDS:
        case.ended = max(case.ended or happened, happened)
        return
    case.started = min(case.started or happened, happened)
    if whole and data["lifecycle"] == "start":
        case.begun = max(case.begun or happened, happened)
