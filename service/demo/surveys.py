"""An occasion to be asked -> survey responses: after a delivery, after a contact, about the company, from the staff."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TypeVar

from service.demo.customers import Customer
from service.demo.envelopes import (
    EMPLOYEES,
    STAFF_TOOL,
    SURVEY_TOOL,
    SURVEYS,
    Case,
    Json,
    ces,
    csat,
    envelope,
    nps,
    person,
)
from service.demo.mishaps import Wire
from service.demo.plot import LATE, LOCKER, NEUTRAL, PRAISE
from service.demo.timeline import Timeline
from service.demo.verbatims import Writer

_T = TypeVar("_T")

_CHANNELS = ("email", "email", "sms", "web", "app")
# The answers given, by what is said beside them; whatever is not named here is a complaint.
_BAD = "bad"
_STARS: Mapping[str, tuple[int, ...]] = {PRAISE: (5, 5, 5, 4), NEUTRAL: (4,), _BAD: (1, 1, 1, 2, 2, 2, 2, 3)}
_EASE: Mapping[str, tuple[int, ...]] = {PRAISE: (6, 7), NEUTRAL: (4, 5), _BAD: (1, 2, 2, 3)}
_LIKELIHOOD: Mapping[str, tuple[int, ...]] = {PRAISE: (9, 10), NEUTRAL: (7, 8), _BAD: (1, 2, 3, 4)}
# What a survey tool was told of the case: mostly the engine's id, sometimes the order or ticket, now and then no key.
_TOLD = (*("instance",) * 12, *("order",) * 5, "process", "touchpoint", "nothing")
# Where the retail playbook meets the customers of each process.
_TOUCHPOINTS: Mapping[str, str] = {
    "order-to-cash": "checkout",
    "delivery": "doorstep",
    "returns-and-refunds": "returns portal",
    "click-and-collect": "locker",
    "customer-care": "hotline",
    "loyalty": "loyalty account",
}
_EFFORT = frozenset({"customer-care", "returns-and-refunds"})
_COUNTED = frozenset({LATE, LOCKER})
_WORDLESS = {PRAISE: 0.3, NEUTRAL: 0.5}
_ANONYMOUS, _PARTIAL, _CORRECTED = 0.02, 0.04, 0.07


class Surveys:
    def __init__(self, dice: Random, wire: Wire, timeline: Timeline, next_id: Callable[[str], str]) -> None:
        self._dice = dice
        self._wire = wire
        self._timeline = timeline
        self._next_id = next_id
        self._writer = Writer(dice)

    def about(self, case: Case, said: str, second: int) -> None:
        """Ask about one process instance: effort after a contact or a return, satisfaction after all else."""
        effort = case.process in _EFFORT
        score = self._score(said, effort=effort)
        name = "ces-contact" if effort else f"csat-{case.process}"
        self._respond(case, name, "transactional", score, said, second, self._correlation(case))

    def about_us(self, customer: Customer, said: str, second: int) -> None:
        """Ask about the company as a whole; such an answer names no process."""
        case = Case(process="", instance="", order="", customer=customer)
        self._respond(
            case,
            "nps-company",
            "relationship",
            nps(self._pick(_LIKELIHOOD.get(said, _LIKELIHOOD[_BAD]))),
            said,
            second,
            None,
        )

    def staff(self, case: Case, second: int) -> None:
        """A word from those who do the work; it names a team and no person."""
        feedback_id, time = self._next_id("s"), self._timeline.stamp(second)
        data: Json = {
            "feedback_id": feedback_id,
            "revision": 1,
            "team": case.process,
            "region": case.customer.region,
            "metrics": [csat(self._pick((4, 4, 5)))],
            "verbatims": [self._words(self._writer.neutral(case.customer, case.order), case.customer)],
            "correlation": {"process": case.process},
        }
        value = envelope("feedback.employee.v1", STAFF_TOOL, feedback_id, f"staff/{feedback_id}", time, data)
        self._wire.send(second, EMPLOYEES, case.process, value)

    def _respond(
        self, case: Case, survey: str, kind: str, score: Json, said: str, second: int, correlation: Json | None
    ) -> None:
        dice, customer, response_id = self._dice, case.customer, self._next_id("r")
        data: Json = {
            "response_id": response_id,
            "survey_id": survey,
            "survey_kind": kind,
            "revision": 1,
            "state": "complete",
            "metrics": [score],
            "channel": self._pick(_CHANNELS),
        }
        # The two cells with a problem are counted by customer, so nobody there is without a name.
        named = said in _COUNTED or dice.random() >= _ANONYMOUS
        if named:
            data["customer"] = person(customer)
        if correlation is not None:
            data["correlation"] = correlation
        text = self._text(case, said)
        drawn = dice.random()
        if text and drawn < _PARTIAL:
            self._send({**data, "state": "partial"}, second, customer if named else None)
            second += 60 + int(dice.random() * 600)
            data = {**data, "revision": 2}
        elif said == PRAISE and drawn < _CORRECTED:
            low = {**score, "raw": 3 if kind == "relationship" else 1}
            self._send({**data, "metrics": [low]}, second, customer if named else None)
            second += 300 + int(dice.random() * 3600)
            data = {**data, "revision": 2, "state": "updated"}
        if text:
            data["verbatims"] = [self._words(text, customer)]
        self._send(data, second, customer if named else None)

    def _send(self, data: Json, second: int, customer: Customer | None) -> None:
        time = self._timeline.stamp(second)
        value = envelope(
            "feedback.survey.response.v1",
            SURVEY_TOOL,
            f"{data['response_id']}-{data['revision']}",
            f"response/{data['response_id']}",
            time,
            {**data, "submitted_at": time},
        )
        self._wire.send(second, SURVEYS, customer.ref if customer else None, value)

    def _text(self, case: Case, said: str) -> str:
        if said in _WORDLESS and self._dice.random() < _WORDLESS[said]:
            return ""
        match said:
            case "praise":
                return self._writer.praise(case.customer, case.order)
            case "neutral":
                return self._writer.neutral(case.customer, case.order)
            case _:
                return self._writer.complaint(said, case.customer, case.order, feeling=False)

    def _words(self, text: str, customer: Customer) -> Json:
        return {"question_id": "why", "text": text, "language": customer.language}

    def _correlation(self, case: Case) -> Json | None:
        match self._pick(_TOLD):
            case "instance":
                return {"process": case.process, "process_instance_key": case.instance}
            case "order" if case.ticket is not None:
                return {"process": case.process, "ticket_ref": case.ticket}
            case "order":
                return {"process": case.process, "business_key": case.order}
            case "process":
                return {"process": case.process}
            case "touchpoint":
                return {"touchpoint": _TOUCHPOINTS[case.process]}
            case _:
                return None

    def _score(self, said: str, *, effort: bool) -> Json:
        answers = _EASE if effort else _STARS
        raw = self._pick(answers.get(said, answers[_BAD]))
        return ces(raw) if effort else csat(raw)

    def _pick(self, choices: tuple[_T, ...]) -> _T:
        return choices[int(self._dice.random() * len(choices))]
