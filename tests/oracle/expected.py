"""Records as Kafka acknowledged them -> what the database should hold once all of them are decided."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

from tests.oracle import playbook as playbooks
from tests.oracle.alerts import Alerts
from tests.oracle.at_risk import Customers
from tests.oracle.downtime import downtime
from tests.oracle.late import LateCases
from tests.oracle.reading import Event, read
from tests.oracle.saying import customer_of_instance, said
from tests.oracle.scorecards import scorecards
from tests.oracle.verdicts import Verdicts
from tests.oracle.volume import Volume
from tests.oracle.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One record as it was acknowledged by Kafka."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """`rejected` is by (topic, partition, offset); `feedback`, less verdict, alert_id, reason, by (source, event id).

    `current` names the rows of what holds, less those whose link hangs on the order of arrival; the others stay as they
    were told at the time, which may depend on what had arrived by then. `unclaimed` names the keys of alerts that had
    an event within the bound of a limit, where the order of arrival may decide; so it does whether there is an alert
    that nothing is left in. `passing` names those of late cases that ended so near their limit, or their start, that
    order decides whether they were late first: of these only what is open in the end is claimed. `swayed` names the
    events of subjects whose owner or copies hang on how bad their customer's other contacts make them: in which alert
    they ended depends on which of these had arrived while there was work on them. `holding` gives the revision that
    holds for each (source, subject) that has a state. `scorecards` are lines of all time; `reviews` are those of each
    tick, less what only explains them. Both are in any order. `verdicts` are the words of which each row has one: a
    single one where no budget, and with a bound no order of arrival, has a say in it.
    """

    consumed: int
    accepted: int
    duplicate: int
    superseded: int
    rejected: Mapping[tuple[str, int, int], tuple[str, str]]
    feedback: Mapping[tuple[str, str], Mapping[str, Any]]
    verdicts: Mapping[tuple[str, str], frozenset[str]]
    current: frozenset[tuple[str, str]]
    alerts: Sequence[Mapping[str, Any]]
    unclaimed: frozenset[str]
    passing: frozenset[str]
    swayed: frozenset[str]
    holding: Mapping[tuple[str, str], int]
    scorecards: Sequence[Mapping[str, Any]]
    reviews: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class _Heard:
    """What the records are, each taken once; `belated` names events that came about so late as to be stale."""

    events: list[Event] = field(default_factory=list)
    rejected: dict[tuple[str, int, int], tuple[str, str]] = field(default_factory=dict)
    belated: set[tuple[str, str]] = field(default_factory=set)
    duplicate: int = 0


def expect(
    published: Sequence[Published],
    playbook: Path,
    secret: bytes,
    *,
    bound: timedelta,
    key_id: str = "k1",
    until: datetime | None = None,
    silenced: frozenset[str] = frozenset(),
) -> Expected:
    """Decide the records one after the other: each subject's in the order of their offsets, else by time, source, id.

    `until` is where the stream clock stands in the end, if it went on after the last event; `silenced` are teams that
    may have been silenced at any time.
    """
    rules = playbooks.load(playbook)
    heard = _heard(published, rules.stale_after - bound)
    alerts = Alerts(rules, bound)
    world = World(rules, alerts, belated=heard.belated)
    late, customers = LateCases(rules, bound), Customers(rules, bound)
    volume, verdicts = Volume(rules), Verdicts(rules, bound, silenced)
    superseded = 0
    for event in _in_order(heard.events):
        alerts.clock = max(alerts.clock or event.at, event.at)
        _run_ticks(volume, world, alerts.clock)
        if event.type == "process.instance.v1":
            world.learn(event, customer_of_instance(event, secret, key_id))
            late.hear(event, alerts.clock)
            _look_at_the_tied(customers, world, event, alerts.clock)
        elif event.type == "process.downtime.v1":
            world.note(downtime(event, rules))
        elif event.type.startswith("feedback."):
            what = said(event, rules, secret, key_id)
            if world.tell(what):
                volume.ask(event.at)
                verdicts.note(what, world, volume, alerts.clock)
            else:
                superseded += 1
            customers.look(world.parts, what, alerts.clock, belated=(event.source, event.id) in heard.belated)
            _look_at_the_tied(customers, world, event, alerts.clock)
    end = until or alerts.clock
    _run_ticks(volume, world, end)
    if end is not None:
        alerts.run_on(end)
        late.run_on(end)
        customers.run_on(end)
    verdicts.narrow(world, volume, Counter((one.source, one.subject) for one in heard.events))
    swayed = world.swayed
    return Expected(
        consumed=len(published),
        accepted=len(heard.events) - superseded,
        duplicate=heard.duplicate,
        superseded=superseded,
        rejected=heard.rejected,
        feedback=world.rows,
        verdicts=verdicts.found,
        current=frozenset(
            (part.said.source, part.said.event_id)
            for name, part in world.parts.items()
            if name not in world.ties.unsettled
        ),
        alerts=[
            *(alert.row() for alert in alerts.all),
            *(alert.row() for alert in (*late.ledger.all, *customers.ledger.all)),
            *(review.row() for review in volume.reviews),
        ],
        unclaimed=frozenset(alerts.unclaimed | late.ledger.unclaimed | customers.ledger.unclaimed),
        passing=frozenset(late.ledger.passing),
        swayed=frozenset(
            event_id for (source, event_id), row in world.rows.items() if (source, row["subject"]) in swayed
        ),
        holding={name: subject.rank[0] for name, subject in world.subjects.items()},
        scorecards=scorecards(world.parts, rules.answers_floor, rules.recontact_days),
        reviews=volume.lines,
    )


def _heard(published: Sequence[Published], late: timedelta) -> _Heard:
    """Read each record once; `late` is from when on one may be stale when it comes."""
    heard = _Heard()
    seen: set[tuple[str, str]] = set()
    newest: dict[tuple[str, int], datetime] = {}
    for record in sorted(published, key=lambda one: (one.topic, one.partition, one.offset)):
        event = read(record.value)
        if not isinstance(event, Event):
            heard.rejected[record.topic, record.partition, record.offset] = event
        elif (event.source, event.id) in seen:
            heard.duplicate += 1
        else:
            seen.add((event.source, event.id))
            place = (record.topic, record.partition)
            newest[place] = max(event.at, newest.get(place, event.at))
            if newest[place] - event.at >= late:
                heard.belated.add((event.source, event.id))
            heard.events.append(event)
    return heard


def _look_at_the_tied(customers: Customers, world: World, event: Event, now: datetime) -> None:
    """Look at those whose complaints may have been settled, or be about another process, by a word on an instance."""
    for name in world.tied_anew:
        by = replace(world.parts[name].said, at=event.at)
        customers.look(world.parts, by, now, belated=False)


def _run_ticks(volume: Volume, world: World, now: datetime | None) -> None:
    """Run the ticks that are due, before the record that made them so."""
    while now is not None and (due := volume.next_due()) is not None and due <= now:
        volume.tick(world.contacts(), world.told(), tuple(world.downtimes.values()))


def _in_order(events: Iterable[Event]) -> Iterator[Event]:
    """Merge the subjects' records: of the first ones not yet taken, the next is the least by time, source and id."""
    waiting: defaultdict[tuple[str, str], deque[Event]] = defaultdict(deque)
    for event in events:
        waiting[event.source, event.subject].append(event)
    heads: list[tuple[datetime, str, str, tuple[str, str]]] = []
    for name, queue in waiting.items():
        heappush(heads, (queue[0].at, queue[0].source, queue[0].id, name))
    while heads:
        *_, name = heappop(heads)
        yield waiting[name].popleft()
        if waiting[name]:
            first = waiting[name][0]
            heappush(heads, (first.at, first.source, first.id, name))
