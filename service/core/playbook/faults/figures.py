"""Figures that contradict each other: what is worse must never count for less, or wait longer."""

from collections.abc import Iterator
from datetime import timedelta

from service.core.playbook.faults.fault import Fault
from service.core.playbook.model import Fatigue, Playbook

# Names that tools give to priorities, the worst first; a leading figure, as in "1 - Critical", says as much.
_PRIORITIES = (
    frozenset({"critical", "blocker", "highest", "p1"}),
    frozenset({"urgent", "p2"}),
    frozenset({"high"}),
    frozenset({"normal", "medium", "moderate", "p3"}),
    frozenset({"low", "minor", "p4"}),
    frozenset({"lowest", "planning", "trivial", "p5"}),
)


def figure_faults(playbook: Playbook) -> Iterator[Fault]:
    yield from _priorities(playbook)
    yield from _fatigue(playbook.fatigue)


def _priorities(playbook: Playbook) -> Iterator[Fault]:
    shares = playbook.severity.priority
    ranks = {name: _rank(name) for name in shares}
    for name, rank in ranks.items():
        milder = [other for other in shares if rank < ranks[other] < len(_PRIORITIES) and shares[other] > shares[name]]
        if milder:
            message = f"counts for less than {milder[0]!r}; a worse priority must not count for less"
            yield Fault(path=("severity", "priority", name), message=message)


def _rank(name: str) -> int:
    folded = name.strip().casefold()
    if folded[:1].isdecimal():
        return int(folded[0])
    return next((rank for rank, names in enumerate(_PRIORITIES) if folded in names), len(_PRIORITIES))


def _fatigue(fatigue: Fatigue) -> Iterator[Fault]:
    if list(fatigue.repeat) != sorted(fatigue.repeat):
        yield Fault(path=("fatigue", "repeat"), message="gets shorter; repeats back off, so write the shortest first")
    if any(step < fatigue.interval or step == timedelta() for step in fatigue.repeat):
        message = "has a step of 0s or below the interval; a repeat comes later than an update would"
        yield Fault(path=("fatigue", "repeat"), message=message)
