"""A hypothesis state machine: people complain, correct, withdraw, close tickets and act, time passes; the model agrees.

Each rule does one thing to the service, through what serves it live, and the same to the model. Each invariant is
looked at after each step. A subclass says on which store it runs, and may add rules of both kinds.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from service.core.pipeline.act import ActOutcome, Deed
from service.core.records.words import Severity
from tests.properties.alert_model import DAY, HOUR, MINUTE, Alert, Key, Member, Model, Notice, of_key
from tests.properties.alert_service import ANSWERS, CASES, CUSTOMERS, SURVEYS, TEAM_OF, TICKETS, Service, State

STATUSES = ("open", "open", "pending", "solved", "closed")
WAITS = (MINUTE / 6, MINUTE, *(14 * MINUTE, 15 * MINUTE), HOUR, *(24 * HOUR, 71 * HOUR), *(7 * DAY, 8 * DAY, 14 * DAY))
ENDS = ("resolved", "withdrawn")

Who = st.sampled_from(CUSTOMERS)
What = st.sampled_from(tuple(TEAM_OF))
Pick = st.integers(0, 99)
Time = st.sampled_from(WAITS) | st.integers(1, 3 * 86_400).map(lambda seconds: timedelta(seconds=seconds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One alert as its team sees it, on either side."""

    team: str
    is_open: bool
    severity: str
    members: frozenset[str]
    customers: int
    acked: bool
    notices: tuple[Notice, ...]


class AlertLife(RuleBasedStateMachine):
    """`held` has the subjects that are there, bad or not; a revision is never given out twice."""

    def __init__(self) -> None:
        super().__init__()
        self.service = self.serve()
        self.model = Model(self.service.now)
        self.held: dict[str, State] = {}
        self.revisions = Counter[str]()

    def serve(self) -> Service:
        """Give a service without a single row."""
        raise NotImplementedError

    def teardown(self) -> None:
        """In the end every alert has closed of itself, and who was told of one has heard of its end."""
        try:
            self.wait(30 * DAY)
            assert self.shown() == self.modelled()
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

    @rule(time=Time)
    def wait(self, time: timedelta) -> None:
        self.service.wait(time)
        self.model.wait(self.service.now)

    @precondition(lambda self: self.model.limits_ahead())
    @rule(pick=Pick, late=st.sampled_from((timedelta(), timedelta(), timedelta(seconds=1))))
    def wait_for_a_limit(self, pick: int, late: timedelta) -> None:
        """Time passes up to an instant that decides something, or just past it."""
        ahead = self.model.limits_ahead()
        self.wait(ahead[pick % len(ahead)] + late - self.service.now)

    # What always holds.

    @invariant()
    def every_alert_is_as_the_model_has_it_with_all_that_was_told_of_it(self) -> None:
        assert self.shown() == self.modelled()

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
            if not one.is_open and one.notices and one.notices[-1].reason not in ENDS:
                assert one.alert.flush_at is not None
                assert one.alert.flush_at <= one.notices[-1].at + self.model.limits.interval

    @invariant()
    def what_is_critical_is_told_at_once(self) -> None:
        for one in self.service.seen():
            if one.is_open and one.alert.severity is Severity.CRITICAL:
                assert one.notices
                assert (one.notices[-1].severity, one.notices[-1].team) == ("critical", one.alert.team)

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

    def acted_on(self, pick: int, deed: Deed) -> Alert:
        """Let a person act on an open alert; return it as the model has it."""
        still_open = dict(of_key(self.model.open_alerts()))
        name = sorted(still_open)[pick % len(still_open)]
        assert self.service.act(name, deed).outcome is ActOutcome.DONE
        return still_open[name]

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
