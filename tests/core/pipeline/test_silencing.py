"""What becomes of a wish for a silence, of an extension and of a lifting."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.core.pipeline.rules import compile_playbook
from service.core.pipeline.silencing import (
    MOST_SILENCES,
    Extension,
    Lifting,
    Silenced,
    SilenceOutcome,
    Wished,
    decide_silence,
)
from service.core.records.muting import Silence
from service.core.records.words import Severity, SilenceEnd
from tests.builders import START, make_playbook

RULES = compile_playbook(make_playbook(fatigue={"silence_max": "2d"}))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WISHED = Wished(
    silence_id="s",
    matchers={"team": ("drivers",)},
    by="ana",
    reason="Call 020 7946 0958.",
    lasts=4 * HOUR,
    baseline=2,
    worst=Severity.MEDIUM,
)
MADE = Silence(
    silence_id="s",
    matchers={"team": ("drivers",)},
    author="ana",
    reason="Call [phone].",
    created_at=START,
    starts_at=START,
    ends_at=START + 4 * HOUR,
    breaks_at=Severity.HIGH,
    baseline=2,
)


def decided(wished: Wished, count: int = 0) -> Silenced:
    return decide_silence(wished, None, count, START, RULES)


def test_a_wish_becomes_a_silence_that_says_what_breaks_it() -> None:
    assert decided(WISHED) == Silenced(outcome=SilenceOutcome.DONE, silence=MADE)
    planned = decided(replace(WISHED, starts_at=START + DAY, ends_at=START + 2 * DAY, breaks_at=Severity.LOW)).silence
    assert planned == replace(MADE, starts_at=START + DAY, ends_at=START + 2 * DAY, breaks_at=Severity.LOW)


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"matchers": {"team": ("nobody",)}}, SilenceOutcome.MATCHES_NOTHING),
        (
            {
                "matchers": {
                    "kind": ("event", "volume", "recontact", "late_case", "at_risk", "contradiction", "taxonomy")
                }
            },
            SilenceOutcome.MATCHES_EVERYTHING,
        ),
        ({"starts_at": START - timedelta(seconds=61)}, SilenceOutcome.BEGINS_TOO_EARLY),
        ({"starts_at": START + 367 * DAY}, SilenceOutcome.BEGINS_TOO_LATE),
        ({"lasts": timedelta()}, SilenceOutcome.ENDS_TOO_EARLY),
        ({"ends_at": START}, SilenceOutcome.ENDS_TOO_EARLY),
        ({"lasts": 49 * HOUR}, SilenceOutcome.LASTS_TOO_LONG),
        ({"ends_at": START + 49 * HOUR}, SilenceOutcome.LASTS_TOO_LONG),
        ({"lasts": timedelta(days=999_999)}, SilenceOutcome.LASTS_TOO_LONG),
    ],
)
def test_a_wish_that_would_be_a_mistake_is_refused(changes: dict[str, Any], outcome: SilenceOutcome) -> None:
    told = decided(replace(WISHED, **changes))
    assert (told.outcome, told.silence) == (outcome, None)


def test_there_are_not_more_silences_than_can_be_looked_through() -> None:
    assert decided(WISHED, MOST_SILENCES - 1).outcome is SilenceOutcome.DONE
    assert decided(WISHED, MOST_SILENCES).outcome is SilenceOutcome.TOO_MANY


@pytest.mark.parametrize(
    ("asked", "known", "outcome"),
    [
        (Lifting(silence_id="s", revision=1, by="b"), None, SilenceOutcome.NOT_FOUND),
        (Lifting(silence_id="s", revision=0, by="b"), MADE, SilenceOutcome.STALE_REVISION),
        (Lifting(silence_id="s", revision=2, by="b"), MADE, SilenceOutcome.STALE_REVISION),
        (Lifting(silence_id="s", revision=1, by="b"), replace(MADE, ends_at=START), SilenceOutcome.ENDED),
        (
            Lifting(silence_id="s", revision=1, by="b"),
            replace(MADE, ended_at=START, ended_by=SilenceEnd.OUTGROWN),
            SilenceOutcome.ENDED,
        ),
        (Extension(silence_id="s", revision=1, by="b", ends_at=MADE.ends_at), MADE, SilenceOutcome.ENDS_TOO_EARLY),
        (Extension(silence_id="s", revision=1, by="b", ends_at=START + 3 * DAY), MADE, SilenceOutcome.LASTS_TOO_LONG),
    ],
)
def test_a_change_that_can_not_be_made_leaves_the_silence_as_it_is(
    asked: Lifting | Extension, known: Silence | None, outcome: SilenceOutcome
) -> None:
    assert decide_silence(asked, known, 1, START, RULES) == Silenced(outcome=outcome, silence=known)


def test_the_longest_time_of_an_extension_counts_from_now_or_from_a_planned_start() -> None:
    asked = Extension(silence_id="s", revision=1, by="b", ends_at=START + 3 * DAY)
    planned = replace(MADE, starts_at=START + DAY, ends_at=START + 2 * DAY)
    later = replace(asked, ends_at=START + 2 * DAY)
    for known, extension in ((planned, asked), (MADE, later)):
        told = decide_silence(extension, known, 1, START, RULES)
        expected = replace(known, ends_at=extension.ends_at, revision=2, extended_by="b")
        assert told == Silenced(outcome=SilenceOutcome.DONE, silence=expected)
