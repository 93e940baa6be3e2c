"""Who is in which alert: deploy/docs/alerts.md, with all counts taken anew from the members."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.playbook import Playbook
from tests.oracle.routing import Target
from tests.oracle.severity import BANDS

# The source and subject, and for a remark its event id.
PartName = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What is `done` is so by its own source, or is `settled` by its customer's outcome."""

    event_id: str
    customer: str
    severity: str
    done: bool
    settled: bool = False

    @property
    def over(self) -> bool:
        return self.done or self.settled


@dataclass(slots=True, kw_only=True, eq=False)
class Alert:
    key: str
    team: str
    teamed: bool
    copy: bool
    process: str
    category: str
    members: dict[PartName, Member] = field(default_factory=dict)
    closes: datetime
    resolved: datetime | None = None

    def row(self) -> dict[str, Any]:
        members = self.members.values()
        return {
            "key": self.key,
            "members": sorted(member.event_id for member in members),
            "severity": max((member.severity for member in members), key=BANDS.index, default="info"),
            "events": len(members),
            "customers": len({member.customer for member in members}),
            "team": self.team,
            "kind": "event",
            "category": self.category,
            "process": self.process,
            "state": "open" if self.resolved is None else "resolved",
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """In which of its owner's alerts a contribution is now, whether that is new, and whether it left one."""

    home: Alert | None
    opened: bool
    left: bool


@dataclass(slots=True)
class Alerts:
    """All alerts, the latest of each key, and where an event came so near a limit that order may have decided."""

    playbook: Playbook
    bound: timedelta
    all: list[Alert] = field(default_factory=list)
    latest: dict[str, Alert] = field(default_factory=dict)
    unclaimed: set[str] = field(default_factory=set)
    clock: datetime | None = None
    # The keys between which a limit decides.
    _at_stake: set[str] = field(default_factory=set)
    _of_subject: defaultdict[tuple[str, str], list[Alert]] = field(default_factory=lambda: defaultdict(list))

    def place(
        self,
        name: PartName,
        member: Member | None,
        targets: Sequence[Target],
        *,
        at: datetime,
        own: bool,
        late: bool = False,
        process: str = "",
        category: str = "",
    ) -> Placed:
        """Put one contribution where it belongs now, and take it out of where it does not; None for `member`: nowhere.

        `own` says that a record speaks of it, and not only of others; what is `late` opens and joins nothing new.
        """
        self._at_stake = {one.key for one in targets} | {alert.key for alert in self._alerts_of(name)}
        self._end_what_is_quiet(name, targets)
        before = [alert for alert in self._alerts_of(name) if name in alert.members]
        homes: dict[int, Alert] = {}
        known = len(self.all)
        if member is not None:
            for target in targets:
                others = {one.key for one in targets if one.key != target.key} | {one.key for one in homes.values()}
                news = not late and self._is_news(self._history(name, target, before, at), member, own=own)
                home = self._home(name, target, others, at, news=news)
                if home is None and news:
                    home = self._behind_key(target, at, process, category)
                if home is not None:
                    home.team = target.team
                    homes.setdefault(id(home), home)
        was = {id(alert): alert.members[name] for alert in before}
        # What can not be reopened keeps its members as its history, unless the feedback is taken back.
        leaving = [alert for alert in before if member is None or not targets or self._in_reach(alert, at)]
        for alert in leaving:
            del alert.members[name]
        if member is not None:
            for alert in homes.values():
                self._join(alert, name, member, at, news=self._is_news(was.get(id(alert)), member, own=own))
        for alert in [*leaving, *homes.values()]:
            if alert.resolved is None and all(one.over for one in alert.members.values()):
                alert.resolved = at
        owner = next((alert for alert in homes.values() if not alert.copy), None)
        return Placed(home=owner, opened=owner in self.all[known:], left=bool(leaving))

    def run_on(self, now: datetime) -> None:
        """Resolve those in which nothing happened for too long."""
        for alert in self.latest.values():
            self._at_stake = set()
            self._end_if_quiet(alert, now)

    def _home(self, name: PartName, target: Target, others: set[str], at: datetime, *, news: bool) -> Alert | None:
        """Where the contribution is already, else where its subject is: it stays there while the owner is the same."""
        mine = [alert for alert in self._alerts_of(name) if alert.copy == target.copy and alert.key not in others]
        mine.sort(key=lambda alert: (alert.key != target.key, name not in alert.members))
        for alert in mine:
            stays = not alert.teamed or alert.team == target.team
            if stays and (news or name in alert.members) and self._in_reach(alert, at):
                return alert
        return None

    def _history(self, name: PartName, target: Target, before: Sequence[Alert], at: datetime) -> Member | None:
        """What the contribution was in its last alert of this kind, if that can not be reopened any more."""
        mine = [alert for alert in before if alert.copy == target.copy]
        if not mine or any(self._in_reach(alert, at) for alert in mine):
            return None
        return max(mine, key=self.all.index).members[name]

    def _is_news(self, earlier: Member | None, now: Member, *, own: bool) -> bool:
        worse = earlier is None or BANDS.index(now.severity) > BANDS.index(earlier.severity)
        if now.severity == "critical" and (worse or (own and not now.over)):
            return True
        if earlier is None:
            # What is settled opens its alert all the same.
            return not now.done
        return not now.over and (worse or earlier.over)

    def _behind_key(self, target: Target, at: datetime, process: str, category: str) -> Alert:
        known = self.latest.get(target.key)
        if known is not None and self._in_reach(known, at):
            return known
        opened = Alert(
            key=target.key,
            team=target.team,
            teamed=target.teamed,
            copy=target.copy,
            process=process,
            category=category,
            closes=at + self.playbook.auto_close,
        )
        self.latest[target.key] = opened
        self.all.append(opened)
        return opened

    def _join(self, alert: Alert, name: PartName, member: Member, at: datetime, *, news: bool) -> None:
        alert.members[name] = member
        if alert not in self._of_subject[name[:2]]:
            self._of_subject[name[:2]].append(alert)
        if alert.resolved is not None and news:
            alert.resolved, alert.closes = None, at + self.playbook.auto_close
        if alert.resolved is None:
            alert.closes = max(alert.closes, at + self.playbook.auto_close)

    def _alerts_of(self, name: PartName) -> list[Alert]:
        """Return the alerts in which a contribution of the subject is a member."""
        return [alert for alert in self._of_subject[name[:2]] if any(one[:2] == name[:2] for one in alert.members)]

    def _in_reach(self, alert: Alert, at: datetime) -> bool:
        """Whether the alert can be joined: the latest of its key, and open or not resolved for too long."""
        if self.latest[alert.key] is not alert:
            return False
        if alert.resolved is None:
            return True
        limit = alert.resolved + self.playbook.reopen_window
        self._note(alert, limit, at)
        return at <= limit

    def _end_what_is_quiet(self, name: PartName, targets: Sequence[Target]) -> None:
        """Before an alert is touched, resolve it if nothing happened in it for too long."""
        touched = self._alerts_of(name) + [self.latest[one.key] for one in targets if one.key in self.latest]
        for alert in touched:
            if self.clock is not None:
                self._end_if_quiet(alert, self.clock)

    def _end_if_quiet(self, alert: Alert, now: datetime) -> None:
        if alert.resolved is None:
            self._note(alert, alert.closes, now)
            if alert.closes <= now:
                alert.resolved = alert.closes

    def _note(self, alert: Alert, limit: datetime, at: datetime) -> None:
        if abs(at - limit) <= self.bound:
            self.unclaimed |= {alert.key, *self._at_stake}
