"""The law of critical news, and what teams are promised, where all that can holds notices back."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.core.describe import alert_document
from service.core.pipeline.act import Deed
from service.core.pipeline.silencing import Wished
from service.core.records.alerts import Alert
from service.core.records.words import AlertState, Severity
from service.ports import Books
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing
from tests.builders import START, Timeline, finish, read_event
from tests.chaos.notices import Peace, faults
from tests.chaos.outcome import Outcome, Told
from tests.oracle.calendars import budgets, quiet_hours
from tests.properties.streams import MUTED, MUTED_PARTS, Life, arrivals, lives
from tests.properties.test_laws import AFTER, DAY, Picks, clock_of, few, name_of, told_as_critical

PROMISED = {"fatigue": {}, **MUTED_PARTS}
PEACE = Peace(quiet=quiet_hours(PROMISED), budgets=budgets(PROMISED))
Teams = st.lists(st.sampled_from(("drivers", "refunds", "legal")), max_size=2, unique=True)


@given(told=lives(10 * DAY, steps=5), picks=Picks, silenced=Teams)
@few
def test_nothing_but_its_age_delays_what_is_critical(told: list[Life], picks: list[int], silenced: list[str]) -> None:
    timeline = Timeline(MUTED)
    silence(timeline, silenced)
    for at, happening in enumerate(arrivals(told, picks)):
        record = read_event(happening.event, START + happening.at, timeline.rules, at)
        already, heard = told_as_critical(timeline), len(timeline.store.rows.notices)
        timeline.batch([record], clock_of(timeline))
        row = timeline.store.rows.rows.get(name_of(record))
        if row is None or row.document["severity"] != "critical":
            continue
        assert row.document["verdict"] not in ("inhibited", "silenced", "held")
        fresh = {one.alert.alert_id for one in timeline.store.rows.notices[heard:] if one.at == timeline.now}
        if row.document["verdict"] not in ("recorded", "updated", "stale"):
            assert row.document["alert_id"] in fresh | already


@given(told=lives(10 * DAY, steps=5), picks=Picks, silenced=Teams, acts=st.lists(st.integers(0, 20), max_size=20))
@few
def test_teams_are_told_what_they_are_promised_and_nothing_is_forgotten(
    told: list[Life], picks: list[int], silenced: list[str], acts: list[int]
) -> None:
    timeline = Timeline(MUTED)
    happenings = sorted(arrivals(told, picks), key=lambda one: one.at)
    for at, happening in enumerate(happenings):
        timeline.wait(happening.at)
        if at == len(happenings) // 2:
            silence(timeline, silenced)
        timeline.batch([read_event(happening.event, timeline.now, timeline.rules, at)], clock_of(timeline))
        acknowledge(timeline, happening.at, acts[at : at + 1])
    assert list(faults(outcome(timeline), PEACE)) == []
    # After the silences and each night everything has been told that is open yet.
    timeline.wait(timeline.now - START + 3 * DAY)
    assert list(faults(outcome(timeline), PEACE)) == []
    assert [alert.alert_id for alert in timeline.store.rows.alerts.values() if _is_untold(alert)] == []
    timeline.wait(timeline.now - START + AFTER)
    assert list(faults(outcome(timeline), PEACE)) == []


def _is_untold(alert: Alert) -> bool:
    return alert.state is AlertState.OPEN and alert.announced is None and alert.severity is not Severity.INFO


def silence(timeline: Timeline, teams: list[str]) -> None:
    """Silence these teams for a day, whatever that hides."""

    async def now() -> object:
        return timeline.now

    async def other(digest: str) -> object:
        raise AssertionError(digest)

    silencing = Silencing(timeline.store, Rulebook(timeline.rules, other), now)  # type: ignore[arg-type]
    for team in teams:
        wished = Wished(
            silence_id=f"s-{team}", matchers={"team": (team,)}, by="ana", reason="Snow.", lasts=DAY, growth=1_000
        )
        finish(silencing(wished, None, lambda one: one.silence_id, 201))


def acknowledge(timeline: Timeline, at: timedelta, picks: list[int]) -> None:
    told = [one.alert_id for one in timeline.store.rows.alerts.values() if one.revision > 0]
    for pick in picks:
        if told:
            timeline.act(at, sorted(told)[pick % len(told)], Deed.ACK)


def outcome(timeline: Timeline) -> Outcome:
    """Say what a store in memory holds, as a run under faults would leave it."""
    rows = timeline.store.rows
    over = {name for name, one in rows.silences.items() if one.ended_at is not None} - rows.releases.keys()
    digests = [{"digest_id": one.digest_id, "document": one.record.model_dump(mode="json")} for one in rows.digests]
    return Outcome(
        books=Books(),
        feedback=[row.document for row in rows.rows.values()],
        alerts=[alert_document(alert, []) for alert in rows.alerts.values()],
        notices=[],
        dead_letters=[],
        batches=[],
        subjects={},
        versions={name: row.version for name, row in rows.rows.items()},
        reviews=[],
        recount=[],
        owed=[],
        told=Told(records=[("queue.", "feedback.digest.v1", one["document"]) for one in digests]),
        said=rows.notices,
        kept=list(rows.alerts.values()),
        digests=digests,
        over=frozenset(over),
    )
