"""The records of a stream, one after the other -> what is known after them: subjects, contributions, rows, alerts."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.oracle.alerts import Alerts, Member, PartName, Placed
from tests.oracle.downtime import Downtime
from tests.oracle.exposure import Told
from tests.oracle.judging import Contact
from tests.oracle.outcome import is_settled, turned
from tests.oracle.parts import Cause, Learnt, Part, Subject
from tests.oracle.playbook import Playbook
from tests.oracle.reading import Event
from tests.oracle.registry import Name
from tests.oracle.routing import Target, route
from tests.oracle.rows import bare_row, row
from tests.oracle.saying import Said, completed
from tests.oracle.severity import BANDS, Judgement, contacts, judge
from tests.oracle.ties import Ties

SubjectName = tuple[str, str]

# So many contacts weigh as much as any further ones.
_OFTEN = 9


@dataclass(slots=True)
class World:
    playbook: Playbook
    alerts: Alerts
    ties: Ties = field(init=False)
    subjects: dict[SubjectName, Subject] = field(default_factory=dict)
    parts: dict[PartName, Part] = field(default_factory=dict)
    rows: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    # Who was ever heard by whom under a category, and whose owners hang on how often their customer has come back.
    _heard: defaultdict[tuple[str, str], set[SubjectName]] = field(default_factory=lambda: defaultdict(set))
    _swayed: set[tuple[SubjectName, tuple[str, str]]] = field(default_factory=set)
    # Every state that a contribution was ever in: the alert that it came into then may be the one that it stays in.
    _was: defaultdict[PartName, list[Part]] = field(default_factory=lambda: defaultdict(list))
    # The last word on each downtime.
    downtimes: dict[tuple[str, ...], Downtime] = field(default_factory=dict)
    # Records that arrived about so late that they may have been stale.
    belated: set[tuple[str, str]] = field(default_factory=set)
    # Where the last record was put, and how bad it was then; None where it was not worth an alert.
    placed: Placed | None = None
    placed_at: str | None = None
    # What the last record has tied to another instance, though it said nothing of that itself.
    tied_anew: list[PartName] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ties = Ties(self.playbook, self.alerts.bound)

    def learn(self, event: Event, customer: str | None) -> None:
        """Take in what is said of an instance, and tie anew what waits for that."""
        names = self.ties.registry.register(event, customer)
        self._tie_anew(names, Learnt(source=event.source, event_id=event.id, at=event.at))

    def tell(self, said: Said) -> bool:
        """Decide one record; False says that it is superseded. Then see which complaints it settled or brought back."""
        customers = {self.parts[name].said.customer for name in self._parts_of(said)}
        taken = self._tell(said)
        customers |= {self.parts[name].said.customer for name in self._parts_of(said)}
        for name in turned(self.parts, customers, self.playbook.outcome):
            self._place(name, said, own=False)
        self.tied_anew = []
        if said.merged_into is not None and said.keys["ticket"] is not None:
            names = self.ties.registry.merge(said.keys["ticket"], said.merged_into, said.at, said.event_id)
            self._tie_anew(names, said)
        return taken

    def _tell(self, said: Said) -> bool:
        if said.change == "none":
            self.rows[said.source, said.event_id] = bare_row(said)
            return True
        name = (said.source, said.subject)
        held = self.subjects.get(name)
        rank = (said.revision, said.at, said.event_id)
        if said.change == "remark":
            if held is not None and held.withdrawn:
                return False
            self._remark(said)
            return True
        if held is not None and held.rank >= rank:
            self._begin_earlier(held, said)
            return False
        began = said.at if held is None or held.withdrawn else min(held.began, said.at)
        self.subjects[name] = Subject(rank=rank, began=began, withdrawn=said.change == "withdraw")
        if said.change == "withdraw":
            self._withdraw(said)
        else:
            self._state(said, began)
        return True

    def _remark(self, said: Said) -> None:
        event, state = said, self.parts.get((said.source, said.subject, ""))
        if state is not None:
            said = completed(said, state.said, state_is_done=state.done)
        part = self._part(said, began=said.at, began_as=said.category.name)
        self.ties.watch((said.source, said.subject, said.event_id), part, event, None, self._now(said))
        self._change((said.source, said.subject, said.event_id), part, said)

    def _state(self, said: Said, began: datetime) -> None:
        event, name = said, (said.source, said.subject, "")
        state = self.parts.get(name)
        if state is not None:
            said = completed(said, state.said, state_is_done=state.done)
        first = state is None or began == said.at
        began_as = said.category.name if first or state is None else state.began_as
        part = self._part(said, began=began, began_as=began_as)
        self.ties.watch(name, part, event, state, self._now(said))
        self._end(part, state)
        finished = (
            [one for one in self._parts_of(said) if one != name] if part.done and not (state and state.done) else []
        )
        self._change(name, part, said, finished)

    def _end(self, part: Part, state: Part | None) -> None:
        """Say when a ticket was closed: as it was before, unless it was at work in between or says that it was."""
        before = state is not None and state.done
        more = part.said.reopened > (state.said.reopened if state is not None else 0)
        interrupted = part.said.reopens or more or (before and not part.done)
        part.reopened = interrupted or (state is not None and state.reopened)
        if part.done:
            part.closed = state.closed if state is not None and before and not interrupted else part.said.at

    def _withdraw(self, said: Said) -> None:
        self.rows[said.source, said.event_id] = bare_row(said)
        # The state goes first, then each remark; what is left is judged anew after each.
        for name in self._parts_of(said):
            self._change(name, None, said)

    def _begin_earlier(self, held: Subject, said: Said) -> None:
        """A state that came too late to hold still says when its subject began, and as what."""
        name = (said.source, said.subject, "")
        state = self.parts.get(name)
        if state is None or said.change == "withdraw" or said.at >= held.began:
            return
        held.began = state.began = said.at
        state.began_as = said.category.name
        state.link = self.ties.link(state.said, said.at)
        state.process = self.ties.process(state.said, state.link)
        self.rows[state.said.source, state.said.event_id] = row(state)
        self._settle(said, {state.said.customer})

    def _tie_anew(self, names: Iterable[Name], by: Cause) -> None:
        self.tied_anew = self.ties.tied_anew(names, self.parts, self._now(by))
        for name in self.tied_anew:
            part = self.parts[name]
            self._judge(name)
            self.rows[part.said.source, part.said.event_id] = row(part)
            self._place(name, by, own=False)
        customers = {self.parts[name].said.customer for name in self.tied_anew}
        for name in turned(self.parts, customers, self.playbook.outcome):
            self._place(name, by, own=False)

    def _now(self, by: Cause) -> datetime:
        return self.alerts.clock or by.at

    def _part(self, said: Said, *, began: datetime, began_as: str) -> Part:
        link = self.ties.link(said, began)
        return Part(
            said=said,
            began=began,
            began_as=began_as,
            link=link,
            process=self.ties.process(said, link),
            done=said.done,
        )

    def _change(self, name: PartName, part: Part | None, by: Said, finished: Iterable[PartName] = ()) -> None:
        """Put a contribution in place of the old one, or take that out, then look at its customer's others again."""
        old = self.parts.pop(name, None)
        if part is not None:
            self.parts[name] = part
            self._judge(name)
            part.settled = is_settled(name, self.parts, self.playbook.outcome)
            self.rows[part.said.source, part.said.event_id] = row(part)
            self._was[name].append(replace(part))
        self._place(name, by, own=True)
        self._settle(by, {one.said.customer for one in (old, part) if one is not None})
        for remark in finished:
            if not self.parts[remark].done:
                self.parts[remark].done = True
                self._place(remark, by, own=False)

    def _settle(self, by: Cause, customers: set[str]) -> None:
        """Judge everything of these customers anew; what is judged otherwise than before has its alerts follow."""
        theirs = [name for name, part in self.parts.items() if part.said.customer in customers]
        for name in sorted(theirs, key=lambda name: (self.parts[name].began, name)):
            part = self.parts[name]
            before = (part.judgement, part.targets)
            self._judge(name)
            if (part.judgement, part.targets) != before:
                self.rows[part.said.source, part.said.event_id] = row(part)
                self._place(name, by, own=False)

    def _judge(self, name: PartName) -> None:
        part = self.parts[name]
        said, rules = part.said, self.playbook.severity
        earlier = [
            other.began
            for key, other in self.parts.items()
            if key != name and other.said.customer == said.customer and other.began_as == said.category.name
        ]
        if said.kind == "employee":
            earlier = []
        count = contacts(earlier, part.began, timedelta(days=rules["recontact_days"]))
        part.judgement, part.targets = self._judged(part, count)
        self._note_sway(name, part)

    def _judged(self, part: Part, count: int) -> tuple[Judgement, tuple[Target, ...]]:
        said = part.said
        judgement = judge(
            v=said.v,
            scored=said.scored,
            words=said.words,
            tier=said.tier,
            reopened=said.reopened,
            count=count,
            rules=self.playbook.severity,
        )
        targets = route(
            {
                "source": said.source,
                "kind": said.kind,
                "channel": said.channel,
                "category": said.category.name,
                "process": part.process,
                "severity": judgement.severity,
                "region": said.region,
                "tier": said.tier,
                "segment": said.segment,
                "survey": said.survey,
                "touchpoint": said.touchpoint,
                "group": said.group,
                "instance": part.link.instance,
                "subject": f"{said.source}\n{said.subject}",
                "customer": said.customer,
            },
            self.playbook,
        )
        return judgement, targets

    def _note_sway(self, name: PartName, part: Part) -> None:
        theirs = (part.said.customer, part.began_as)
        self._heard[theirs].add(name[:2])
        if self._judged(part, 1)[1] != self._judged(part, _OFTEN)[1]:
            self._swayed.add((name[:2], (part.said.customer, part.said.category.name)))

    def severities(self, part: Part) -> set[str]:
        """How bad a contribution may have been judged, whatever else was known of its customer."""
        return {self._judged(part, count)[0].severity for count in range(1, _OFTEN + 1)}

    @property
    def swayed(self) -> set[SubjectName]:
        """Subjects whose owners hung on what had come first: their customer's other contacts, or words on instances."""
        by_contacts = {subject for subject, theirs in self._swayed if self._heard[theirs] - {subject}}
        return by_contacts | {
            name[:2] for name, states in self._was.items() if any(self._is_swayed_by_links(name, one) for one in states)
        }

    def _is_swayed_by_links(self, name: PartName, part: Part) -> bool:
        others = [replace(part, process=process) for process in self.ties.possible_processes(part) - {part.process}]
        return name in self.ties.unsettled or any(
            self._judged(other, count)[1] != self._judged(part, count)[1] for other in others for count in (1, _OFTEN)
        )

    def contacts(self) -> list[Contact]:
        """What counts for volume at present: each complaint, in its cell, by whom, on the day it began."""
        return [
            ((part.process, part.said.category.name), part.said.customer, _day(part.began))
            for part in self.parts.values()
            if _is_complaint(part) and part.said.kind != "employee"
        ]

    def told(self) -> dict[str, Told]:
        """What is known of each process at present; a remark is no answer to a survey."""
        parts: defaultdict[str, dict[PartName, Part]] = defaultdict(dict)
        for name, part in self.parts.items():
            parts[part.process][name] = part
        completed: defaultdict[str, list[date]] = defaultdict(list)
        for known in self.ties.registry.instances.values():
            if known.completed is not None:
                completed[known.process[1]].append(_day(known.completed))
        return {
            process: Told(
                feedback=[_day(part.began) for part in parts[process].values()],
                complaints=[
                    _day(part.began)
                    for part in parts[process].values()
                    if _is_complaint(part) and part.said.kind != "employee"
                ],
                answers=[
                    (_day(part.began), _is_complaint(part))
                    for (_, _, remark), part in parts[process].items()
                    if part.said.kind == "survey" and not remark
                ],
                completed=completed[process],
            )
            for process in {*parts, *completed}
        }

    def note(self, word: Downtime) -> None:
        """Keep the last word on a downtime, whatever came last."""
        held = self.downtimes.get(word.name)
        if held is None or held.rank < word.rank:
            self.downtimes[word.name] = word

    def concerns_an_alert(self, part: Part) -> bool:
        """Whether a contribution is negative, and at least at the floor."""
        judged = part.judgement
        return (
            judged is not None and judged.negative and BANDS.index(judged.severity) >= BANDS.index(self.playbook.floor)
        )

    def _place(self, name: PartName, by: Cause, *, own: bool) -> None:
        part = self.parts.get(name)
        if part is None or part.judgement is None:
            self.alerts.place(name, None, (), at=by.at, own=own)
            return
        member = Member(
            event_id=part.said.event_id,
            customer=part.said.customer,
            severity=part.judgement.severity,
            done=part.done,
            settled=part.settled,
        )
        targets = part.targets if self.concerns_an_alert(part) else ()
        age = self._now(by) - part.said.at
        limit = self.playbook.stale_after
        if abs(age - limit) <= self.alerts.bound or (by.source, by.event_id) in self.belated:
            self.alerts.unclaimed |= {target.key for target in targets}
        placed = self.alerts.place(
            name,
            member,
            targets,
            at=by.at,
            own=own,
            late=age > limit and member.severity != "critical",
            process=part.process,
            category=part.said.category.name,
        )
        if own:
            self.placed, self.placed_at = placed, member.severity if targets else None

    def _parts_of(self, said: Said) -> list[PartName]:
        return sorted(name for name in self.parts if name[:2] == (said.source, said.subject))


def _is_complaint(part: Part) -> bool:
    return part.judgement is not None and part.judgement.negative


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
