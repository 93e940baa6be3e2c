"""A day of the plot -> process instances, and the feedback, questions and rights that follow from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from random import Random
from types import MappingProxyType

from service.demo import plot
from service.demo.customers import Customer, somebody
from service.demo.envelopes import ENGINE, ERASURES, PRIVACY_DESK, PROCESSES, Case, Step, envelope, process_step
from service.demo.mishaps import Wire
from service.demo.surveys import Surveys
from service.demo.tickets import Tickets
from service.demo.timeline import DAY, HOUR, Timeline


@dataclass(frozen=True, slots=True)
class _Run:
    """The prefix of an instance's id, its shortest and longest run in seconds, and steps that some show, with teams."""

    prefix: str
    shortest: int
    longest: int
    steps: tuple[tuple[str, str], ...] = ()


_RUNS: Mapping[str, _Run] = MappingProxyType(
    {
        "order-to-cash": _Run("OTC", HOUR // 4, 8 * HOUR),
        "delivery": _Run("DEL", DAY, 4 * DAY, (("packed", "warehouse"), ("out for delivery", "carrier"))),
        "returns-and-refunds": _Run(
            "RET", 2 * DAY, 6 * DAY, (("goods inspected", "warehouse"), ("refund approved", "returns-desk"))
        ),
        "click-and-collect": _Run("CAC", 3 * HOUR, 30 * HOUR),
        "customer-care": _Run("CARE", HOUR // 6, DAY),
        "loyalty": _Run("LOY", HOUR // 6, 3 * HOUR),
    }
)
_STEPS_SHOWN = 0.2
# What has a contact with customer care behind it, and how often its customer wrote twice.
_CONTACT, _WROTE_TWICE = "customer-care", 0.15
# How many orders are sent in two parcels, and how many instances the engine tells of hours later, in one go; those of
# its best customers it tells of at once.
_TWO_PARCELS, _TOLD_LATER = 0.03, 0.04
_LATER_FROM, _LATER_TO = 4 * HOUR, 36 * HOUR
_TOLD_AT_ONCE = frozenset({"gold", "platinum"})
# The rules of all processes changed on the day of this release.
_RELEASE_DAY, _VERSIONS = 24, ("2026.1", "2026.2")
_ASKED_WITHIN = 36 * HOUR
_COMPLAINED_BY_TICKET = 0.3
_DOWNTIME_DAY, _DOWNTIME_HOURS = 16, 2
_ERASURE_DAYS = (40, 58)
_RECORDS_A_GRAVE_MATTER = 250


class Cases:
    def __init__(self, dice: Random, timeline: Timeline, customers: Sequence[Customer], seed: int) -> None:
        self._dice = dice
        self._timeline = timeline
        self._customers = customers
        self._seed = seed
        self._numbers = count(1)
        self._wire = Wire(dice, timeline)
        self._surveys = Surveys(dice, self._wire, timeline, self._next_id)
        self._tickets = Tickets(dice, self._wire, timeline, self._next_id)
        self._processes = plot.Deck(dice, plot.PROCESSES)
        self._said = {process: plot.Deck(dice, cards) for process, cards in plot.SAID.items()}
        self._said_in_outage = plot.Deck(dice, plot.SAID_IN_OUTAGE)
        self._said_of_us = plot.Deck(dice, plot.SAID_OF_US)
        self._asides = plot.Deck(dice, plot.ASIDES)

    def begin(self, day: int) -> None:
        """Begin one instance of some process on the day, with whatever comes of it then and later."""
        case = self._case(self._processes.draw(), somebody(self._dice, self._customers))
        began = self._timeline.in_the_day(day)
        ended = self._run(case, began)
        if case.process == plot.LATE_PROCESS and self._dice.random() < _TWO_PARCELS:
            self._run(replace(case, instance=f"{case.instance}-2"), began)
        if case.process == _CONTACT and self._dice.random() < _WROTE_TWICE:
            case = replace(case, ticket=self._tickets.merged(case, began))
        asked = self._timeline.after(ended, HOUR, _ASKED_WITHIN)
        said = self._deck(case.process, asked).draw()
        if said != plot.NOTHING:
            self._hear(case, said, asked)
        match self._asides.draw():
            case "relationship":
                self._surveys.about_us(case.customer, self._said_of_us.draw(), asked + HOUR)
            case "question":
                self._tickets.opened(case, plot.QUESTION, began + HOUR)
            case "staff":
                self._surveys.staff(case, ended)
            case _:
                pass

    def plan_incidents(self, events: int) -> None:
        """Plan what has its day however dense the stream is: jammed lockers, grave matters, erasures, a downtime."""
        self._plan_lockers(events)
        for day, category, process in plot.SINGULAR[: events // _RECORDS_A_GRAVE_MATTER]:
            case = self._case(process, self._dice.choice(self._customers))
            began = self._timeline.in_the_day(day)
            self._tickets.opened(case, category, self._run(case, began) + HOUR, grave=True)
        began = self._timeline.in_the_day(_DOWNTIME_DAY)
        self._record_downtime(began)
        for day in _ERASURE_DAYS:
            self._record_erasure(self._dice.choice(self._customers), self._timeline.in_the_day(day))

    def fill(self, day: int, events: int) -> None:
        """Add answers to the relationship survey on the day until the stream has as many records as it is to have."""
        while self._timeline.count < events:
            customer = somebody(self._dice, self._customers)
            self._surveys.about_us(customer, plot.NEUTRAL, self._timeline.in_the_day(day))

    def _next_id(self, kind: str) -> str:
        return f"{kind}{self._seed}-{next(self._numbers)}"

    def _case(self, process: str, customer: Customer) -> Case:
        number = next(self._numbers)
        return Case(
            process=process,
            instance=f"{_RUNS[process].prefix}-{self._seed}-{number}",
            order=f"SO-{self._seed % 1000:03d}{number:06d}",
            customer=customer,
            ticket=f"T-{self._seed % 1000:03d}{number:06d}" if process == _CONTACT else None,
        )

    def _run(self, case: Case, began: int) -> int:
        """Record the instance's own events and return when it ended."""
        run = _RUNS[case.process]
        ended = self._timeline.after(began, run.shortest, run.longest)
        delay = self._delay(case)
        self._step(case, began, Step(lifecycle="start"), delay)
        if run.steps and self._dice.random() < _STEPS_SHOWN:
            for number, (activity, team) in enumerate(run.steps, start=1):
                taken = began + (ended - began) * number // (len(run.steps) + 1)
                self._step(case, taken, Step(lifecycle="complete", activity=activity, team=team), delay)
        self._step(case, ended, Step(lifecycle="complete"), delay)
        return ended

    def _delay(self, case: Case) -> int:
        if case.customer.tier in _TOLD_AT_ONCE or self._dice.random() >= _TOLD_LATER:
            return 0
        return int(_LATER_FROM + self._dice.random() * (_LATER_TO - _LATER_FROM))

    def _step(self, case: Case, second: int, step: Step, delay: int = 0) -> None:
        if second >= 0:
            version = _VERSIONS[second // DAY >= _RELEASE_DAY]
            value = process_step(case, self._next_id("p"), self._timeline.stamp(second), step, version)
            self._wire.send(second, PROCESSES, case.instance, value, delay=delay)

    def _deck(self, process: str, asked: int) -> plot.Deck:
        if process == plot.LATE_PROCESS and asked // DAY in plot.OUTAGE:
            return self._said_in_outage
        return self._said[process]

    def _hear(self, case: Case, said: str, asked: int) -> None:
        by_ticket = said == plot.QUESTION or (
            said not in plot.OCCASIONS and self._dice.random() < _COMPLAINED_BY_TICKET
        )
        if by_ticket:
            self._tickets.opened(case, said, asked)
        else:
            self._surveys.about(case, said, asked)

    def _plan_lockers(self, events: int) -> None:
        # Different people, evenly spaced: any seven days then hold the same few complaints until the lockers jam.
        people = iter(self._dice.sample(self._customers, len(self._customers)))
        jam = self._timeline.monday_of(plot.JAMMED_WEEK)
        for first, days, complaints in (
            (0, jam, plot.locker_complaints(jam, events)),
            (jam, plot.JAMMED_DAYS, plot.jammed_complaints(events)),
        ):
            for number in range(complaints):
                self._complain_of_locker(next(people), int(first + (number + 0.5) * days / complaints))

    def _complain_of_locker(self, customer: Customer, day: int) -> None:
        case = self._case(plot.LOCKER_PROCESS, customer)
        told = self._timeline.in_the_day(day)
        self._step(case, told - 8 * HOUR, Step(lifecycle="start"))
        self._step(case, told - 2 * HOUR, Step(lifecycle="complete"))
        # By survey only: a ticket counts on the day of its last change, which would spoil the even spacing.
        self._surveys.about(case, plot.LOCKER, told)

    def _record_downtime(self, began: int) -> None:
        started, ended = self._timeline.stamp(began), self._timeline.stamp(began + _DOWNTIME_HOURS * HOUR)
        data = {
            "process": "order-to-cash",
            "downtime_id": self._next_id("d"),
            "started_at": started,
            "ended_at": ended,
            "reason": "payment provider unreachable",
        }
        subject = f"downtime/{data['downtime_id']}"
        value = envelope("process.downtime.v1", ENGINE, data["downtime_id"], subject, ended, data)
        self._wire.send(began + _DOWNTIME_HOURS * HOUR, PROCESSES, "order-to-cash", value)

    def _record_erasure(self, customer: Customer, second: int) -> None:
        request, time = self._next_id("e"), self._timeline.stamp(second)
        data = {"customer": customer.ref, "request_id": request, "requested_at": time}
        value = envelope("privacy.erasure.v1", PRIVACY_DESK, request, f"erasure/{request}", time, data)
        self._wire.send(second, ERASURES, customer.ref, value)
