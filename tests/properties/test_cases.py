"""Cases in any order: what is open in the end depends on what happened, and neither on when it came nor on timers."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.core.playbook.model import Playbook
from service.core.records.words import AlertKind, AlertState
from tests.builders import KEY, Timeline, instance, make_playbook, ticket

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SLAS = {"shipping": 3 * HOUR, "returns": 9 * HOUR}
WATCHED: Playbook = make_playbook(
    processes=[
        {"id": "shipping", "name": "Shipping", "team": "drivers", "sla": "3h"},
        {"id": "returns", "name": "Returns", "team": "refunds", "sla": "9h"},
    ],
    high_value={"tiers": ["gold"]},
    at_risk={"cases": 3, "within": "6h", "team": "legal"},
)

few = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

# What is said of an instance: lifecycle, activity or none, tier or none, process.
Said = tuple[str, str | None, str | None, str]
SAYINGS = st.tuples(
    st.sampled_from(("start", "start", "complete", "cancel")),
    st.sampled_from((None, None, "Pick")),
    st.sampled_from((None, "gold", "gold", "plain")),
    st.sampled_from(tuple(SLAS)),
)
# Each at an hour of its own: which of two events of one instant is the newer one is anybody's guess.
HAPPENED = st.dictionaries(st.integers(0, 40), SAYINGS, min_size=1, max_size=6)


@given(happened=HAPPENED, picks=st.lists(st.integers(0, 9), min_size=6), delays=st.lists(st.integers(0, 9), min_size=6))
@few
def test_a_late_case_is_open_in_the_end_if_it_runs_past_its_limit(
    happened: dict[int, Said], picks: list[int], delays: list[int]
) -> None:
    left = sorted(happened)
    timeline, now = Timeline(WATCHED), 40 * HOUR
    for number in range(len(happened)):
        hour = left.pop(picks[number] % len(left))
        lifecycle, activity, tier, process = happened[hour]
        more = {name: value for name, value in (("activity", activity), ("tier", tier)) if value is not None}
        event = instance("i1", event_id=str(hour), lifecycle=lifecycle, process=process, **more)
        # In between, timers run.
        now += delays[number] * HOUR
        timeline.push(now, event, occurred=hour * HOUR)
    timeline.wait(now + 2 * DAY)
    found = [
        (one.team, one.process, one.evidence["tier"], one.evidence["limit"])
        for one in timeline.store.rows.alerts.values()
        if one.state is AlertState.OPEN
    ]
    assert found == _late(happened)
    row = timeline.store.rows.instances["i1"]
    assert (row.late_at, row.late_told) == (None, bool(found))


def _late(happened: dict[int, Said]) -> list[tuple[str, str, str, str]]:
    """Say what is to be open in the end, by the words of the guide."""
    whole = {hour: said for hour, said in happened.items() if said[1] is None}
    ends = [hour for hour, said in whole.items() if said[0] in ("complete", "cancel")]
    starts = [hour for hour, said in whole.items() if said[0] == "start"]
    begun = [hour for hour in happened if hour not in ends]
    runs = bool(begun) if not ends else bool(starts) and max(starts) > max(ends)
    tier = next((happened[hour][2] for hour in sorted(happened, reverse=True) if happened[hour][2]), None)
    process = happened[max(happened)][3]
    if not runs or tier != "gold":
        return []
    team = {"shipping": "drivers", "returns": "refunds"}[process]
    return [(team, process, "gold", {"shipping": "3 hours", "returns": "9 hours"}[process])]


# Each ticket of a customer: the hours at which it is opened, then changed, and to what.
LIVES = st.lists(
    st.tuples(
        st.sampled_from(("anna", "ben")),
        st.integers(0, 15),
        st.lists(st.sampled_from(("solved", "open", "ben", "deleted", "high")), max_size=3),
    ),
    min_size=3,
    max_size=7,
)


@given(told=LIVES, one=st.lists(st.integers(0, 9), max_size=25), other=st.lists(st.integers(0, 9), max_size=25))
@few
def test_who_is_at_risk_in_the_end_does_not_hang_on_the_order_in_which_subjects_come(
    told: list[tuple[str, int, list[str]]], one: list[int], other: list[int]
) -> None:
    first, second = _run(told, one), _run(told, other)
    assert _open(first) == _open(second)
    assert {name: events for name, (events, _) in _open(first).items()} == _expected(told)


def _run(told: Sequence[tuple[str, int, list[str]]], picks: Sequence[int]) -> Timeline:
    timeline = Timeline(WATCHED)
    left = [[(number, step) for step in range(len(life[2]) + 1)] for number, life in enumerate(told)]
    at = 0
    while left:
        life = left[(picks[at] if at < len(picks) else 0) % len(left)]
        number, step = life.pop(0)
        left = [one for one in left if one]
        customer, hour, changes = told[number]
        at += 1
        timeline.push_unticked(_event(number, step, customer, changes), occurred=hour * HOUR + step * MINUTE)
        timeline.now += MINUTE
    return timeline


def _event(number: int, step: int, customer: str, changes: Sequence[str]) -> dict[str, Any]:
    who = "ben" if "ben" in changes[:step] else customer
    change = changes[step - 1] if step else "created"
    kind = change if change in ("created", "deleted") else "updated"
    status = {"created": "open", "solved": "solved", "open": "open"}.get(change)
    more = {"status": status, "priority": "urgent", "body": "late", "customer": who}
    return ticket(kind, f"t{number}", event_id=f"{number}-{step}", **more)


def _open(timeline: Timeline) -> dict[str, tuple[int, object]]:
    return {
        one.fields["customer"]: (one.events, one.evidence)
        for one in timeline.store.rows.alerts.values()
        if one.kind is AlertKind.AT_RISK and one.state is AlertState.OPEN
    }


def _expected(told: Sequence[tuple[str, int, list[str]]]) -> dict[str, int]:
    """Count by hand: of each customer the most open tickets that began within six hours of one another."""
    began: defaultdict[str, list[timedelta]] = defaultdict(list)
    for customer, hour, changes in told:
        state, at, who = "open", hour * HOUR, customer
        for step, change in enumerate(changes, start=1):
            if state == "deleted" and change != "deleted":
                # A state after a withdrawal begins the subject anew.
                state, at = "open", hour * HOUR + step * MINUTE
            state = change if change in ("solved", "open", "deleted") else state
            who = "ben" if change == "ben" or "ben" in changes[:step] else who
        if state == "open":
            began[who].append(at)
    found: dict[str, int] = {}
    for who, times in began.items():
        most = max(sum(start <= at <= start + 6 * HOUR for at in times) for start in times)
        if most >= 3:
            found[who] = most
    return {KEY.pseudonym(who): most for who, most in found.items()}
