"""How a silence goes on, ends and breaks."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from service.core.records.muting import Hidden, Silence, Silences
from service.core.records.words import Severity, SilenceEnd
from service.core.silence import SilenceState, breaking_severity, lift, look, most_hidden, state_of
from tests.builders import START

HOUR = timedelta(hours=1)
SILENCE = Silence(
    silence_id="s",
    matchers={"category": ("delivery", "refund"), "team": ("drivers",)},
    author="ana",
    reason="Snow.",
    created_at=START,
    starts_at=START + HOUR,
    ends_at=START + 4 * HOUR,
    baseline=2,
    check_at=START + 2 * HOUR,
)


def hiding(**counts: int | Severity) -> Silence:
    return replace(SILENCE, hidden=Hidden(**({"alerts": 1, "worst": Severity.HIGH} | counts)))  # type: ignore[arg-type]  # Any count.


@pytest.mark.parametrize(
    ("one", "at", "end"),
    [
        pytest.param(hiding(lately=6), 2 * HOUR, None, id="three times the customers before are allowed"),
        pytest.param(hiding(lately=7), 2 * HOUR, SilenceEnd.OUTGROWN, id="more than three times are not"),
        pytest.param(hiding(lately=2, customers=99), 2 * HOUR, None, id="those of an earlier day do not count"),
        pytest.param(hiding(worst=Severity.CRITICAL), 2 * HOUR, SilenceEnd.TOO_SEVERE, id="critical breaks it"),
        pytest.param(
            replace(hiding(), breaks_at=Severity.HIGH),
            2 * HOUR,
            SilenceEnd.TOO_SEVERE,
            id="so does what its author said",
        ),
        pytest.param(
            replace(hiding(worst=Severity.CRITICAL), breaks_at=None), 2 * HOUR, None, id="or nothing, if they said so"
        ),
        pytest.param(
            replace(SILENCE, breaks_at=Severity.INFO), 2 * HOUR, None, id="what hides nothing is not too severe"
        ),
        pytest.param(hiding(lately=99), 4 * HOUR, SilenceEnd.EXPIRED, id="its time is over before it breaks"),
        pytest.param(
            replace(hiding(lately=3, worst=Severity.LOW), baseline=0), 2 * HOUR, None, id="nobody before counts as one"
        ),
        pytest.param(
            replace(hiding(lately=4, worst=Severity.LOW), baseline=0), 2 * HOUR, SilenceEnd.OUTGROWN, id="but no more"
        ),
    ],
)
def test_how_a_silence_ends(one: Silence, at: timedelta, end: SilenceEnd | None) -> None:
    now = START + at
    goes_on = replace(one, check_at=None)
    ended = replace(goes_on, ended_at=now, ended_by=end, revision=2)
    assert look(one, now) == (goes_on if end is None else ended)


def test_a_lifted_silence_says_by_whom() -> None:
    lifted = lift(SILENCE, START + HOUR, "ben")
    assert lifted == replace(
        SILENCE, ended_at=START + HOUR, ended_by=SilenceEnd.LIFTED, lifted_by="ben", check_at=None, revision=2
    )
    assert (lifted.due_at, SILENCE.due_at) == (None, START + 2 * HOUR)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (START, SilenceState.SCHEDULED),
        (START + HOUR, SilenceState.ACTIVE),
        (START + 9 * HOUR, SilenceState.ACTIVE),
    ],
)
def test_what_has_not_ended_is_planned_or_active(now: datetime, state: SilenceState) -> None:
    assert state_of(SILENCE, now) is state
    assert state_of(lift(SILENCE, now, "ben"), now) is SilenceState.ENDED


@pytest.mark.parametrize(
    ("worst", "breaks"),
    [
        (Severity.INFO, Severity.HIGH),
        (Severity.LOW, Severity.HIGH),
        (Severity.MEDIUM, Severity.HIGH),
        (Severity.HIGH, Severity.CRITICAL),
        (Severity.CRITICAL, Severity.CRITICAL),
    ],
)
def test_one_worse_than_before_breaks_a_silence_from_high_to_critical(worst: Severity, breaks: Severity) -> None:
    assert breaking_severity(worst) is breaks


@given(
    values=st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=2),
    hours=st.integers(0, 5),
    critical=st.booleans(),
)
def test_an_index_finds_what_going_through_all_silences_finds(values: list[str], hours: int, *, critical: bool) -> None:
    silences = [
        replace(
            SILENCE,
            silence_id=f"{category}{team}{number}",
            matchers={"category": tuple(category), "team": (team,)},
            ends_at=START + (2 + number) * HOUR,
            including_critical=bool(number % 2),
        )
        for number, (category, team) in enumerate((one, other) for one in ("a", "ab", "c") for other in ("a", "b"))
    ]
    traits, at = {"category": values[0], "team": values[1]}, START + hours * HOUR
    covering = [one for one in silences if one.covers(traits, at) and (one.including_critical or not critical)]
    index = Silences(silences)
    assert index.of(traits, at, critical=critical) == max(covering, key=lambda one: one.ends_at, default=None)
    assert len(index) == len(silences)


def test_a_silence_may_hide_its_growth_of_at_least_one_customer() -> None:
    assert (most_hidden(SILENCE), most_hidden(replace(SILENCE, baseline=0, growth=1.5))) == (6.0, 1.5)
