"""What the state machine plays with: a store with the real pipeline, ticker and acts, by a clock that a test moves."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from service.core.pipeline.act import Acted, Asked, Deed
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records import alerts as records
from service.core.records.words import AlertKind, AlertState
from service.ports import Desk, Store, Wanted
from service.runtime.acting import Acting
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.rulebook import Rulebook
from tests.builders import KEY, PARTITION, START, make_playbook, read_event, survey, ticket
from tests.properties.alert_model import Key, Notice, Owner

SURVEYS, TICKETS = ("r0", "r1"), ("t0", "t1", "t2")
SUBJECTS = (*SURVEYS, *TICKETS)
CUSTOMERS = ("anna", "ben", "cleo")
TEAM_OF = {"shipping": "drivers", "storage": "drivers", "returns": "refunds"}
TEAMS = tuple(dict.fromkeys(TEAM_OF.values()))
_CUSTOMER_OF = {KEY.pseudonym(name): name for name in CUSTOMERS}
_MOST = 10_000

# What a customer says of each severity, by the table of deploy/docs/severity.md; None is harmless.
ANSWERS: Mapping[str | None, tuple[dict[str, object], str]] = {
    None: ({"kind": "nps", "raw": 9}, ""),
    "low": ({"kind": "nps", "raw": 4}, ""),
    "medium": ({"kind": "csat", "raw": 2}, ""),
    "high": ({"kind": "nps", "raw": 0}, ""),
    "critical": ({"kind": "nps", "raw": 9}, " fire"),
}
CASES: Mapping[str | None, tuple[str, str]] = {
    None: ("normal", ""),
    "medium": ("urgent", ""),
    "high": ("urgent", " cancel"),
    "critical": ("low", " fire"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is said of a subject: `severity` None is harmless, `status` None where it is no ticket."""

    subject: str
    customer: str
    process: str
    severity: str | None
    status: str | None = None

    @property
    def done(self) -> bool:
        return self.status in ("solved", "closed")

    def event(self, revision: int) -> dict[str, Any]:
        """Say it as the tool does, in a revision of the subject."""
        known: dict[str, Any] = {"event_id": f"{self.subject}-{revision}", "customer": self.customer}
        about = f"{self.process}{self.subject}"
        if self.subject in SURVEYS:
            metric, text = ANSWERS[self.severity]
            said: dict[str, Any] = {"metrics": [metric], "verbatims": [{"text": about + text, "language": "en"}]}
            return survey(self.subject, None, **known, **said, revision=revision)
        priority, text = CASES[self.severity]
        said = {"priority": priority, "body": about + text, "status": self.status}
        return ticket("created" if revision == 1 else "updated", self.subject, **known, **said, revision=revision)

    def withdrawal(self, revision: int) -> dict[str, Any]:
        known: dict[str, Any] = {"event_id": f"{self.subject}-{revision}", "customer": self.customer}
        if self.subject in SURVEYS:
            return survey(self.subject, None, **known, state="deleted", revision=revision)
        return ticket("deleted", self.subject, **known, revision=revision)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One alert as it is kept, with its members and with what was told of it."""

    alert: records.Alert
    members: tuple[records.Member, ...]
    notices: tuple[Notice, ...]

    @property
    def is_open(self) -> bool:
        return self.alert.state is AlertState.OPEN

    def name(self) -> tuple[Key, int]:
        """Name it as the model does."""
        fields = self.alert.fields
        if "customer" in fields:
            return (_CUSTOMER_OF[fields["customer"]],), self.alert.episode
        return (self.alert.team, fields["process"]), self.alert.episode


@dataclass(slots=True, kw_only=True)
class Service:
    """`group_by` is process or customer; `run` carries out what a store may let wait, `close` gives it back."""

    store: Store
    desk: Desk
    group_by: str
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    close: Callable[[], None] = lambda: None
    now: datetime = START
    _known: list[Seen] | None = field(default=None, init=False)

    def push(self, event: Mapping[str, Any]) -> None:
        """Decide an event that happens now."""
        self._known = None
        self.run(self._decided(event))

    def wait(self, time: timedelta) -> None:
        """Let time pass, and then a ticker come."""
        self._known = None
        self.now += time
        self.run(run_due(self.store, compiled(self.group_by), self.now))

    def act(self, name: tuple[Key, int], deed: Deed) -> Acted:
        """Let somebody who has seen the last notice of an alert do something to it."""
        (one,) = [seen for seen in self.seen() if seen.name() == name]
        self._known = None
        asked = Asked(alert_id=one.alert.alert_id, deed=deed, revision=one.alert.revision, by="ana")
        acting = Acting(self.store, Rulebook(compiled(self.group_by), _no_other_rules), self._present)
        acted = self.run(acting(asked, one.alert.alert_key, None, lambda _: ""))
        assert isinstance(acted, Acted)
        return acted

    def seen(self) -> list[Seen]:
        """Return every alert about events, open or not; they are read once after each step."""
        if self._known is None:
            self._known = self.run(self._read())
        return self._known

    def owner(self, state: State) -> Owner:
        """Say where a subject belongs by the playbook."""
        team = TEAM_OF[state.process]
        if self.group_by == "customer":
            return Owner(key=(state.customer,), team=team, teamed=False)
        return Owner(key=(team, state.process), team=team, teamed=True)

    async def _decided(self, event: Mapping[str, Any]) -> None:
        (lease,) = await self.store.claim([PARTITION])
        rules, offset = compiled(self.group_by), (lease.next_offset or 0) + 1
        await run_batch(self.store, lease, [read_event(event, self.now, rules)], offset, rules, lambda _: self.now)

    async def _read(self) -> list[Seen]:
        found = []
        for team in ("desk", "judges", *TEAMS):
            for alert in await self.desk.queue(Wanted(team=team, kinds=(AlertKind.EVENT,)), None, _MOST):
                members = [member for member, _ in await self.desk.members(alert.alert_id, None, _MOST)]
                notices = [_shown(notice) for notice in await self.desk.notices(alert.alert_id, 0, _MOST)]
                found.append(Seen(alert=alert, members=tuple(members), notices=tuple(notices)))
        return found

    async def _present(self) -> datetime:
        return self.now


@cache
def compiled(group_by: str) -> Rules:
    """Give each subject a category of its own in each process, so that no contact raises another's severity."""
    categories = [
        {"id": f"{process}-{one}", "label": {"en": one}, "keywords": {"en": [f"{process}{one}"]}, "process": process}
        for process in TEAM_OF
        for one in SUBJECTS
    ]
    owners = {team: [{"process": name} for name, its in TEAM_OF.items() if its == team] for team in TEAMS}
    playbook = make_playbook(
        taxonomy=categories,
        processes=[{"id": name, "name": name, "team": team} for name, team in TEAM_OF.items()],
        teams=[
            *({"id": team, "name": team} for team in ("desk", "judges")),
            *({"id": team, "name": team, "owns": owns} for team, owns in owners.items()),
        ],
        routes={
            "team": "desk",
            "arbitration": "judges",
            "group_by": [group_by],
            "routes": [{"id": "owned", "team": "owner"}],
        },
    )
    return compile_playbook(playbook)


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


def _shown(notice: records.Notice) -> Notice:
    return Notice(
        revision=notice.revision,
        at=notice.at,
        reason=notice.reason.value,
        team=notice.alert.team,
        severity=notice.alert.severity.value,
        customers=notice.alert.customers,
    )
