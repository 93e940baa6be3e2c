"""A hypothesis state machine: people complain, correct, withdraw, close tickets and act, time passes; the model agrees.

Each rule does one thing to the service, through what serves it live, and the same to the model. Each invariant is
looked at after each step. A subclass says on which store it runs, and may add rules of both kinds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from pprint import pformat

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from service.core.pipeline.act import ActOutcome, Deed
from service.core.records.words import Severity
from tests.properties.alert_model import Model
from tests.properties.alert_mutes import FEATURES, SILENCED, Silence
from tests.properties.alert_service import ANSWERS, CASES, CUSTOMERS, SURVEYS, TEAM_OF, TICKETS, Service, State
from tests.properties.alert_shape import (
    DAY,
    ENDS,
    HOUR,
    MINUTE,
    Alert,
    Features,
    Key,
    Member,
    Shown,
    of_key,
)
from tests.properties.alert_voice import is_aside

STATUSES = ("open", "open", "pending", "solved", "closed")
WAITS = (MINUTE / 6, MINUTE, *(14 * MINUTE, 15 * MINUTE), HOUR, *(24 * HOUR, 71 * HOUR), *(7 * DAY, 8 * DAY, 14 * DAY))

Who = st.sampled_from(CUSTOMERS)
What = st.sampled_from(tuple(TEAM_OF))
Pick = st.integers(0, 99)
Time = st.sampled_from(WAITS) | st.integers(1, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


class AlertLife(RuleBasedStateMachine):
    """`held` has the subjects that are there, bad or not; a revision is never given out twice."""

    def __init__(self) -> None:
        super().__init__()
        self.service = self.serve()
        self.model = Model(self.service.now, self.service.features, self.service.id_of)
        self.held: dict[str, State] = {}
        self.revisions = Counter[str]()

    def serve(self) -> Service:
        """Give a service without a single row."""
        raise NotImplementedError

    @initialize(asked=st.sets(st.sampled_from(FEATURES)))
    def turn_on(self, asked: set[Features]) -> None:
        """A playbook asks for any of what holds notices back, or for none."""
        for one in asked:
            for name in (each.name for each in fields(one)):
                if getattr(one, name) != getattr(Features(), name):
                    self.service.features = replace(self.service.features, **{name: getattr(one, name)})
        self.model = Model(self.service.now, self.service.features, self.service.id_of)

    def teardown(self) -> None:
        """In the end every alert has closed of itself, and who was told of one has heard of its end."""
        try:
            if self.model.around.review_open:
                self.review()
            self.wait(30 * DAY)
            self.compare()
            assert not [one for one in self.service.seen() if one.is_open]
            told = [one.notices[-1].reason for one in self.service.seen() if one.notices]
            assert set(told) <= set(ENDS)
        finally:
            self.service.close()

    # What customers and tools do.

    @rule(subject=st.sampled_from(SURVEYS), customer=Who, process=What, severity=st.sampled_from(tuple(ANSWERS)))
    def answer(self, subject: str, customer: str, process: str, severity: str | None) -> None:
        """A survey is answered, or its answer corrected."""
        self.say(State(subject=subject, customer=customer, process=process, severity=severity))

    @rule(
        subject=st.sampled_from(TICKETS),
        customer=Who,
        process=What,
        severity=st.sampled_from(tuple(CASES)),
        status=st.sampled_from(STATUSES),
    )
    def write(self, subject: str, customer: str, process: str, severity: str | None, status: str) -> None:
        """A ticket is opened, or changed in whatever way."""
        self.say(State(subject=subject, customer=customer, process=process, severity=severity, status=status))

    @precondition(lambda self: any(name in TICKETS for name in self.held))
    @rule(pick=Pick, status=st.sampled_from(("solved", "closed", "open")))
    def move(self, pick: int, status: str) -> None:
        """A ticket is closed or taken up again, and nothing else about it changes."""
        subject = picked([name for name in self.held if name in TICKETS], pick)
        self.say(replace(self.held[subject], status=status))

    @precondition(lambda self: self.service.features.flaps and any(name in TICKETS for name in self.held))
    @rule(pick=Pick, times=st.integers(2, 5), time=st.sampled_from((MINUTE / 2, 20 * MINUTE, HOUR)))
    def come_and_go(self, pick: int, times: int, time: timedelta) -> None:
        """A ticket is closed and taken up again and again."""
        for turn in range(times):
            self.move(pick, "open" if turn % 2 else "solved")
            self.wait(time)

    @precondition(lambda self: self.held)
    @rule(pick=Pick)
    def withdraw(self, pick: int) -> None:
        """A response or ticket is deleted; what is said of it later begins it anew."""
        state = self.held.pop(picked(list(self.held), pick))
        self.revisions[state.subject] += 1
        self.service.push(state.withdrawal(self.revisions[state.subject]))
        self.model.hear(state.subject, None, self.service.owner(state))

    @precondition(lambda self: self.held)
    @rule(pick=Pick)
    def say_again(self, pick: int) -> None:
        """A tool sends an event twice, which changes nothing."""
        state = self.held[picked(list(self.held), pick)]
        self.service.push(state.event(self.revisions[state.subject]))

    # What teams do, and time.

    @precondition(lambda self: self.model.open_alerts())
    @rule(pick=Pick)
    def acknowledge(self, pick: int) -> None:
        self.model.acknowledge(self.acted_on(pick, Deed.ACK))

    @precondition(lambda self: self.model.open_alerts())
    @rule(pick=Pick)
    def resolve(self, pick: int) -> None:
        self.model.resolve(self.acted_on(pick, Deed.RESOLVE))

    @precondition(lambda self: self.model.open_alerts())
    @rule(pick=Pick, time=Time)
    def put_aside(self, pick: int, time: timedelta) -> None:
        until = self.service.now + time
        self.model.put_aside(self.acted_on(pick, Deed.SNOOZE, until), until)

    @precondition(lambda self: self.aside())
    @rule(pick=Pick)
    def take_up(self, pick: int) -> None:
        self.model.take_up(self.acted_on(pick, Deed.UNSNOOZE, among=self.aside()))

    @precondition(lambda self: self.model.can_be_reopened())
    @rule(pick=Pick)
    def reopen(self, pick: int) -> None:
        self.model.reopen(self.acted_on(pick, Deed.REOPEN, among=self.model.can_be_reopened()))

    @rule(time=Time)
    def wait(self, time: timedelta) -> None:
        """Time passes; under silences, which are looked at when the ticker has come, it comes in time."""
        until = self.service.now + time
        moments = self.model.wait(until)
        for moment in moments if self.service.features.silences else ():
            self.service.wait_until(moment)
        self.service.wait_until(until)

    @precondition(lambda self: self.model.limits_ahead())
    @rule(pick=Pick, late=st.sampled_from((timedelta(), timedelta(), timedelta(seconds=1))))
    def wait_for_a_limit(self, pick: int, late: timedelta) -> None:
        """Time passes up to an instant that decides something, or just past it."""
        ahead = self.model.limits_ahead()
        self.wait(ahead[pick % len(ahead)] + late - self.service.now)

    @precondition(lambda self: self.service.features.silences)
    @rule(what=st.sampled_from(SILENCED), critical=st.booleans(), time=Time)
    def silence(self, what: tuple[str, str], time: timedelta, *, critical: bool) -> None:
        """A person wants to hear nothing of a team or process for a while, perhaps not even what is critical."""
        now = self.service.now
        silence = Silence(
            name=f"s{len(self.model.around.silences)}",
            matches=dict([what]),
            since=now,
            until=now + min(time, 3 * DAY),
            critical=critical,
        )
        self.model.silence(silence)
        self.service.silence(silence)

    @precondition(lambda self: self.in_force())
    @rule(pick=Pick)
    def lift(self, pick: int) -> None:
        silence = self.in_force()[pick % len(self.in_force())]
        self.model.lift(silence)
        self.service.lift(silence)

    @precondition(lambda self: self.service.features.reviews)
    @rule()
    def review(self) -> None:
        """A review of shipping opens, or ends."""
        is_open = not self.model.around.review_open
        self.model.review(is_open=is_open)
        self.service.review(is_open=is_open)

    # What always holds.

    @invariant()
    def every_alert_is_as_the_model_has_it_with_all_that_was_told_of_it(self) -> None:
        self.compare()

    @invariant()
    def a_key_has_at_most_one_open_alert(self) -> None:
        still_open = Counter(one.alert.alert_key for one in self.service.seen() if one.is_open)
        assert [key for key, count in still_open.items() if count > 1] == []

    @invariant()
    def counts_are_those_of_the_members(self) -> None:
        for one in self.service.seen():
            ranks = Counter(member.severity.rank for member in one.members)
            assert one.alert.events == len(one.members)
            assert one.alert.customers == len({member.customer for member in one.members})
            assert one.alert.severities == tuple(ranks[rank] for rank in range(len(Severity)))
            assert one.alert.unfinished == sum(not member.done for member in one.members)

    @invariant()
    def revisions_have_no_gap(self) -> None:
        for one in self.service.seen():
            revisions = [notice.revision for notice in one.notices]
            assert revisions == list(range(1, one.alert.revision + 1))

    @invariant()
    def the_end_of_what_was_told_is_told(self) -> None:
        """Once an alert is over, its team knows, or will when the interval has passed."""
        for one in self.service.seen():
            flap = one.alert.flap
            if flap is not None and not flap.over:
                # Not before it has been calm for so long.
                assert flap.calm_at > self.service.now
            elif not one.is_open and one.notices and one.notices[-1].reason not in ENDS:
                assert one.alert.flush_at is not None
                assert one.alert.flush_at <= one.notices[-1].at + self.model.limits.interval

    @invariant()
    def what_is_critical_is_told_at_once(self) -> None:
        """Unless a silence holds it whose author said so."""
        hushing = {silence.name for silence in self.model.around.silences if silence.critical}
        for one in self.service.seen():
            if one.is_open and one.alert.severity is Severity.CRITICAL and one.alert.held_by not in hushing:
                told = one.alert.announced
                assert told is not None
                assert (told.severity, told.team) == (Severity.CRITICAL, one.alert.team)

    # How a rule does it to both, and how both are looked at.

    def say(self, state: State) -> None:
        """Let a state of a subject hold from now on."""
        self.revisions[state.subject] += 1
        self.held[state.subject] = state
        event = state.event(self.revisions[state.subject])
        self.service.push(event)
        said = None
        if state.severity is not None:
            said = Member(event=event["id"], customer=state.customer, severity=state.severity, done=state.done)
        self.model.hear(state.subject, said, self.service.owner(state))

    def in_force(self) -> list[Silence]:
        return [one for one in self.model.around.silences if not one.ended]

    def aside(self) -> list[Alert]:
        return [one for one in self.model.open_alerts() if is_aside(one, self.service.now)]

    def acted_on(
        self, pick: int, deed: Deed, until: datetime | None = None, among: Sequence[Alert] | None = None
    ) -> Alert:
        """Let a person act on an alert, an open one if none are named; return it as the model has it."""
        found = dict(of_key(self.model.open_alerts() if among is None else among))
        name = sorted(found)[pick % len(found)]
        assert self.service.act(name, deed, until).outcome is ActOutcome.DONE
        return found[name]

    def compare(self) -> None:
        """Show what the service and the model have otherwise, each as either has it."""
        shown, modelled = self.shown(), self.modelled()
        names = sorted(shown.keys() | modelled.keys())
        both = {name: (shown.get(name), modelled.get(name)) for name in names}
        otherwise = {name: (one, other) for name, (one, other) in both.items() if one != other}
        assert not otherwise, pformat(otherwise, width=160)

    def shown(self) -> dict[tuple[Key, int], Shown]:
        return {
            one.name(): Shown(
                team=one.alert.team,
                is_open=one.is_open,
                severity=one.alert.severity.value,
                members=frozenset(member.event_id for member in one.members),
                customers=one.alert.customers,
                acked=one.alert.acked_until is not None and self.service.now < one.alert.acked_until,
                notices=one.notices,
            )
            for one in self.service.seen()
        }

    def modelled(self) -> dict[tuple[Key, int], Shown]:
        return {
            name: Shown(
                team=alert.team,
                is_open=alert.is_open,
                severity=alert.severity,
                members=frozenset(one.event for one in alert.members.values()),
                customers=alert.customers,
                acked=alert.acked_until is not None and self.service.now < alert.acked_until,
                notices=tuple(alert.notices),
            )
            for name, alert in of_key(self.model.alerts)
        }


def picked(names: list[str], pick: int) -> str:
    return sorted(names)[pick % len(names)]
