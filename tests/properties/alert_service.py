"""What the state machine plays with: a store with the real pipeline, ticker and acts, by a clock that a test moves."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from service.core.identity import alert_id, alert_key
from service.core.pipeline.act import Acted, Asked, Deed
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.records import alerts as records
from service.core.records.words import AlertKind, AlertState, Level, NoticeReason
from service.ports import Archive, Desk, Store, Wanted
from service.runtime.acting import Acting
from service.runtime.batch import run_batch
from service.runtime.due import run_due
from service.runtime.rulebook import Rulebook
from tests.builders import KEY, PARTITION, START, make_playbook, read_event, survey, ticket
from tests.properties.alert_mutes import BUDGETED, EVENING, MORNING, REVIEWED, SLEEPERS, Silence
from tests.properties.alert_shape import Features, Key, Notice, Owner
from tests.story import Scene
from tests.story.steps import lifted, review, silence

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
    """One alert as it is kept, with its members and with what was told of it.

    `held_since` has when what `unmuted` tells of was first held back, `unmuted_at` when that was told, `unmuted_as` in
    which state.
    """

    alert: records.Alert
    members: tuple[records.Member, ...]
    notices: tuple[Notice, ...]
    held_since: tuple[datetime, ...] = ()
    unmuted_at: tuple[datetime, ...] = ()
    unmuted_as: tuple[AlertState, ...] = ()

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
    archive: Archive
    desk: Desk
    group_by: str
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    close: Callable[[], None] = lambda: None
    features: Features = field(default_factory=Features)
    now: datetime = START
    _known: list[Seen] | None = field(default=None, init=False)

    @property
    def rules(self) -> Rules:
        return compiled(self.group_by, self.features)

    def push(self, event: Mapping[str, Any]) -> None:
        """Decide an event that happens now."""
        self._known = None
        self.run(self._decided(event))

    def wait_until(self, until: datetime) -> None:
        """Let time pass, and then a ticker come."""
        self._known = None
        self.now = until
        self.run(run_due(self.store, self.rules, self.now))

    def act(self, name: tuple[Key, int], deed: Deed, until: datetime | None = None) -> Acted:
        """Let somebody who has seen the last notice of an alert do something to it."""
        (one,) = [seen for seen in self.seen() if seen.name() == name]
        self._known = None
        asked = Asked(alert_id=one.alert.alert_id, deed=deed, revision=one.alert.revision, by="ana", until=until)
        acting = Acting(self.store, Rulebook(self.rules, _no_other_rules), self._present)
        acted = self.run(acting(asked, one.alert.alert_key, None, lambda _: ""))
        assert isinstance(acted, Acted)
        return acted

    def silence(self, one: Silence) -> None:
        matchers = {name: (value,) for name, value in one.matches.items()}
        given = {"matchers": {"kind": ("event",), **matchers}, "including_critical": one.critical}
        if one.critical:
            # As over HTTP: whoever silences what is critical is not told of it because of that.
            given["breaks_at"] = None
        self._do(silence(one.name, one.until - START, since=one.since - START, **given))

    def lift(self, one: Silence) -> None:
        self._do(lifted(one.name))

    def review(self, *, is_open: bool) -> None:
        self._do(review(Level.FORMAL_REVIEW if is_open else None, team="judges"))

    def id_of(self, key: Key, episode: int) -> str:
        fields = {"process": key[-1]}
        if self.group_by == "customer":
            fields = {"customer": KEY.pseudonym(key[0])}
        team = None if self.group_by == "customer" else key[0]
        return alert_id(alert_key(AlertKind.EVENT, fields, team=team), episode)

    def _do(self, work: Callable[[Scene], Awaitable[str]]) -> None:
        """Do a step of a story, and let the ticker come."""
        self._known = None
        self.run(self._done(work))

    def seen(self) -> list[Seen]:
        """Return every alert about events, open or not; they are read once after each step."""
        if self._known is None:
            self._known = self.run(self._read())
        return self._known

    def owner(self, state: State) -> Owner:
        """Say where a subject belongs by the playbook."""
        team = TEAM_OF[state.process]
        if self.group_by == "customer":
            return Owner(key=(state.customer,), team=team, teamed=False, process=state.process)
        return Owner(key=(team, state.process), team=team, teamed=True, process=state.process)

    async def _decided(self, event: Mapping[str, Any]) -> None:
        (lease,) = await self.store.claim([PARTITION])
        rules, offset = self.rules, (lease.next_offset or 0) + 1
        await run_batch(self.store, lease, [read_event(event, self.now, rules)], offset, rules, lambda _: self.now)

    async def _done(self, work: Callable[[Scene], Awaitable[str]]) -> None:
        (lease,) = await self.store.claim([PARTITION])
        await work(Scene(store=self.store, archive=self.archive, rules=self.rules, lease=lease, now=self.now))
        await run_due(self.store, self.rules, self.now)

    async def _read(self) -> list[Seen]:
        found = []
        for team in ("desk", "judges", *TEAMS):
            for alert in await self.desk.queue(Wanted(team=team, kinds=(AlertKind.EVENT,)), None, _MOST):
                members = [member for member, _ in await self.desk.members(alert.alert_id, None, _MOST)]
                notices = await self.desk.notices(alert.alert_id, 0, _MOST)
                unmuted = [notice for notice in notices if notice.reason is NoticeReason.UNMUTED]
                seen = Seen(
                    alert=alert,
                    members=tuple(members),
                    notices=tuple(map(_shown, notices)),
                    held_since=tuple(notice.held.since for notice in unmuted if notice.held is not None),
                    unmuted_at=tuple(notice.at for notice in unmuted),
                    unmuted_as=tuple(notice.alert.state for notice in unmuted),
                )
                found.append(seen)
        return found

    async def _present(self) -> datetime:
        return self.now


@cache
def compiled(group_by: str, features: Features) -> Rules:
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
            *({"id": team, "name": team, **_manners(team, features)} for team in ("desk", "judges")),
            *({"id": team, "name": team, "owns": owns, **_manners(team, features)} for team, owns in owners.items()),
        ],
        routes={
            "team": "desk",
            "arbitration": "judges",
            "group_by": [group_by],
            "routes": [{"id": "owned", "team": "owner"}],
        },
        **_asked(features),
    )
    return compile_playbook(playbook)


def _manners(team: str, features: Features) -> dict[str, object]:
    found: dict[str, object] = {}
    if features.nights and team in SLEEPERS:
        found["calendar"] = "nights"
    if features.per_hour is not None and team in BUDGETED:
        found["budget"] = {"per_hour": features.per_hour}
    if features.ladder and team in BUDGETED:
        found["ladder"] = "usual"
    return found


def _asked(features: Features) -> dict[str, object]:
    """Turn on what a playbook may ask for beside its teams."""
    nights = {"time_zone": "UTC", "quiet_hours": {"mon-sun": f"{EVENING}:00-{MORNING:02}:00"}}
    steps = [{"after": f"{after.total_seconds():.0f}s", "to": to} for after, to in features.ladder]
    flaps = features.flaps
    calm = None if flaps is None else f"{flaps.calm.total_seconds():.0f}s"
    flapping = None if flaps is None else {"look_back": flaps.look_back, "changes": flaps.changes, "calm": calm}
    source = {"kind": ["volume"], "level": ["formal_review"], "process": [REVIEWED]}
    return {
        "calendars": {"nights": nights} if features.nights else {},
        "escalation": {"ladders": {"usual": {"steps": steps, "business": False}}} if steps else {},
        "fatigue": {"flapping": flapping},
        "inhibit": [{"id": "review", "source": source, "target": {"kind": ["event"]}, "equal": ["process"]}],
    }


async def _no_other_rules(digest: str) -> Rules:
    raise AssertionError(digest)


def _shown(notice: records.Notice) -> Notice:
    return Notice(
        revision=notice.revision,
        at=notice.at,
        reason=notice.reason.value,
        team=notice.team,
        severity=notice.alert.severity.value,
        customers=notice.alert.customers,
    )
