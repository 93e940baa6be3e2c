"""What a silence hides, when it ends, and who hears of that: the same on every store."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from service.adapters.postgres import PostgresGauges
from service.core.pipeline.rules import compile_playbook
from service.core.pipeline.silencing import AskedSilence, Extension, Lifting, SilenceOutcome, Wished
from service.core.records.muting import KEPT, Hidden
from service.core.records.words import AlertState, Severity, SilenceEnd
from service.core.silence import SilenceState
from service.ports import Part, SilencesWanted, Wanted, silence_place
from tests.builders import START, make_playbook, survey, ticket
from tests.ports.conftest import PostgresRig, Rig
from tests.ports.deciding import complaint, retold
from tests.ports.silencing import DAY, DELIVERY, HOUR, MINUTE, opened

pytestmark = pytest.mark.postgres


def _refund(number: int) -> dict[str, object]:
    return survey(f"m{number}", 0, "refund, awful", customer=f"customer-{number}")


async def test_nobody_hears_until_a_silence_expires_and_then_the_team_hears_once(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", growth=100)
    await shop.push(MINUTE, complaint(1), complaint(2))
    await shop.wait(2 * HOUR)
    assert await shop.told() == []
    assert await shop.hidden("s") == Hidden(alerts=1, events=2, customers=2, lately=2, worst=Severity.HIGH)
    await shop.wait(5 * HOUR)
    assert await shop.told() == [(4 * HOUR, "drivers", "unmuted")]
    ended = await shop.kept("s")
    assert (ended.ended_at, ended.ended_by, ended.hidden.customers) == (START + 4 * HOUR, SilenceEnd.EXPIRED, 2)
    assert shop.ended == [SilenceEnd.EXPIRED]


async def test_a_silence_over_a_growing_fire_breaks_and_the_team_hears_once(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", baseline=2, growth=3)
    await shop.push(MINUTE, *(complaint(number) for number in range(6)))
    await shop.wait(HOUR)
    assert (await shop.told(), shop.ended) == ([], [])
    await shop.push(HOUR, complaint(6))
    await shop.wait(HOUR + 2 * MINUTE)
    assert shop.ended == [SilenceEnd.OUTGROWN]
    assert [(team, reason) for _, team, reason in await shop.told()] == [("drivers", "unmuted")]
    await shop.wait(3 * HOUR)
    assert len(await shop.told()) == 1
    assert await shop.hidden("s") == Hidden(alerts=1, events=7, customers=7, lately=7, worst=Severity.HIGH)


async def test_what_came_more_than_a_day_ago_does_not_outgrow_a_silence(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", baseline=1, growth=3, lasts=7 * DAY)
    for day in range(4):
        await shop.push(day * DAY + MINUTE, complaint(2 * day), complaint(2 * day + 1))
    await shop.wait(4 * DAY)
    assert (shop.ended, (await shop.hidden("s")).customers) == ([], 8)


async def test_a_silence_over_something_that_gets_severe_breaks(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", growth=100, breaks_at=Severity.HIGH)
    await shop.push(MINUTE, ticket(event_id="t-1", subject="late, awful", priority="high"))
    await shop.wait(HOUR)
    assert (await shop.told(), shop.ended) == ([], [])
    assert (await shop.hidden("s")).worst is Severity.MEDIUM
    await shop.push(HOUR, complaint(1))
    await shop.wait(HOUR + 5 * MINUTE)
    assert shop.ended == [SilenceEnd.TOO_SEVERE]
    assert [reason for _, _, reason in await shop.told()] == ["unmuted"]


async def test_lifting_a_silence_tells_each_team_at_once_of_what_it_hid(rig: Rig) -> None:
    shop = await opened(rig)
    made = await shop.silence("s", {"team": ("drivers", "refunds")}, growth=100)
    await shop.push(MINUTE, complaint(1), _refund(1))
    await shop.wait(HOUR)
    told = await shop.ask(Lifting(silence_id="s", revision=made.revision, by="ben"))
    await shop.wait(HOUR)
    assert told.silence is not None
    assert (told.outcome, told.silence.ended_by, told.silence.lifted_by) == (
        SilenceOutcome.DONE,
        SilenceEnd.LIFTED,
        "ben",
    )
    lines = [line for line in await retold(rig.archive, "notices") if line["reason"] == "unmuted"]
    assert [line["team"] for line in lines] == ["drivers", "refunds"]
    assert {line["held"]["by"] for line in lines} == {"s"}


async def test_several_alerts_of_one_team_are_read_together_when_a_silence_ends(rig: Rig) -> None:
    rules = compile_playbook(
        make_playbook(routes={"team": "desk", "arbitration": "judges", "group_by": ["channel", "category"]})
    )
    shop = await opened(rig, rules)
    await shop.silence("s", {"team": ("desk",)}, growth=100)
    await shop.push(MINUTE, complaint(1, channel="email"), complaint(2, channel="web"))
    await shop.wait(5 * HOUR)
    lines = await retold(rig.archive, "notices")
    assert [(line["reason"], line["held"]["events"]) for line in lines] == [("unmuted", 1), ("unmuted", 1)]
    assert len({line["digest_id"] for line in lines} - {None}) == 1


async def test_what_is_over_when_a_silence_ends_is_counted_and_not_told(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", growth=100)
    await shop.push(MINUTE, ticket(event_id="t-1", subject="late, awful", priority="high"))
    await shop.push(HOUR, ticket("status", event_id="t-2", status="solved"))
    (alert,) = await rig.desk.queue(Wanted(team="drivers"), None, 10)
    assert alert.state is AlertState.RESOLVED
    await shop.wait(5 * HOUR)
    assert await shop.told() == []
    assert (await shop.kept("s")).hidden == Hidden(alerts=1, events=1, customers=1, lately=1, worst=alert.severity)


async def test_critical_news_passes_a_silence_and_is_held_only_where_its_author_wants_that(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", {"category": ("safety",)}, growth=100)
    ran = await shop.push(MINUTE, survey("r1", 0, "fire", customer="a"))
    assert (await shop.told(), ran.critical_silenced) == ([(MINUTE, "drivers", "opened")], 0)
    await shop.silence("all", {"category": ("safety",), "team": ("drivers",)}, growth=100, including_critical=True)
    await shop.push(HOUR, survey("r1", 0, "fire", customer="a", revision=2))
    await shop.wait(2 * HOUR)
    assert len(await shop.told()) == 1


async def test_critical_feedback_that_is_held_is_counted(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", {"category": ("safety",)}, growth=100, including_critical=True, breaks_at=None)
    ran = await shop.push(MINUTE, survey("r1", 0, "fire", customer="a"), survey("r2", 0, "fire", customer="b"))
    await shop.wait(HOUR)
    assert (await shop.told(), ran.critical_silenced, ran.books.verdicts) == ([], 2, {("drivers", "silenced"): 2})
    await shop.wait(5 * HOUR)
    assert await shop.told() == [(4 * HOUR, "drivers", "opened")]


async def test_of_two_silences_the_one_that_holds_longer_hides_and_the_end_of_the_other_tells_nothing(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("short", growth=100)
    await shop.silence("long", {"team": ("drivers",)}, growth=100, lasts=8 * HOUR)
    await shop.push(MINUTE, complaint(1))
    await shop.wait(5 * HOUR)
    assert (await shop.told(), (await shop.hidden("short")).alerts, (await shop.hidden("long")).alerts) == ([], 0, 1)
    await shop.wait(9 * HOUR)
    assert [(at, reason) for at, _, reason in await shop.told()] == [(8 * HOUR, "unmuted")]


async def test_what_a_broken_silence_hid_goes_on_under_another_that_covers_it(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("long", lasts=8 * HOUR, growth=1, baseline=1)
    await shop.push(MINUTE, complaint(1))
    await shop.wait(10 * MINUTE)
    await shop.silence("short", {"team": ("drivers",)}, growth=100)
    await shop.push(20 * MINUTE, complaint(2))
    await shop.wait(HOUR)
    assert shop.ended == [SilenceEnd.OUTGROWN]
    assert (await shop.told(), (await shop.hidden("short")).customers) == ([], 2)


async def test_an_alert_that_waits_when_a_silence_is_made_is_held(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.push(MINUTE, complaint(1))
    shop.now = START + MINUTE + timedelta(seconds=30)
    await shop.silence("s", growth=100)
    await shop.wait(HOUR)
    assert (await shop.told(), (await shop.hidden("s")).alerts) == ([], 1)


async def test_a_repeat_is_held_too_and_told_when_the_silence_ends(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.push(MINUTE, complaint(1))
    await shop.wait(20 * HOUR)
    await shop.silence("s", growth=100, lasts=10 * HOUR)
    await shop.wait(29 * HOUR)
    assert [reason for _, _, reason in await shop.told()] == ["opened"]
    await shop.wait(31 * HOUR)
    assert [(at, reason) for at, _, reason in await shop.told()] == [(2 * MINUTE, "opened"), (30 * HOUR, "unmuted")]


async def test_a_planned_silence_holds_nothing_before_its_time(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("s", growth=100, starts_at=START + HOUR)
    await shop.push(MINUTE, complaint(1))
    await shop.wait(10 * MINUTE)
    assert [reason for _, _, reason in await shop.told()] == ["opened"]
    await shop.push(2 * HOUR, complaint(2), complaint(3))
    await shop.wait(4 * HOUR)
    assert [reason for _, _, reason in await shop.told()] == ["opened"]
    await shop.wait(6 * HOUR)
    assert [reason for _, _, reason in await shop.told()] == ["opened", "unmuted"]


async def test_the_end_of_what_was_told_passes_a_silence(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.push(MINUTE, ticket(event_id="t-1", subject="late, awful", priority="high"))
    await shop.wait(10 * MINUTE)
    await shop.silence("s", growth=100)
    await shop.push(HOUR, ticket("status", event_id="t-2", status="solved"))
    await shop.wait(2 * HOUR)
    assert [reason for _, _, reason in await shop.told()] == ["opened", "resolved"]


async def test_after_a_silence_quiet_hours_hold_what_it_hid(rig: Rig) -> None:
    calendars = {"night": {"time_zone": "UTC", "quiet_hours": {"mon-sun": "12:00-15:00"}}}
    shop = await opened(rig, compile_playbook(make_playbook(calendars=calendars, fatigue={"calendar": "night"})))
    await shop.silence("s", growth=100)
    await shop.push(MINUTE, complaint(1))
    await shop.wait(5 * HOUR)
    assert (await shop.told(), shop.ended) == ([], [SilenceEnd.EXPIRED])
    await shop.wait(7 * HOUR)
    assert await shop.told() == [(6 * HOUR, "drivers", "unmuted")]


async def test_an_extended_silence_holds_until_its_new_end(rig: Rig) -> None:
    shop = await opened(rig)
    made = await shop.silence("s", growth=100)
    await shop.push(MINUTE, complaint(1))
    told = await shop.ask(Extension(silence_id="s", revision=1, by="ben", ends_at=START + 6 * HOUR))
    assert told.silence is not None
    assert replace(told.silence, check_at=None, hidden=Hidden()) == replace(
        made, ends_at=START + 6 * HOUR, revision=2, extended_by="ben"
    )
    await shop.wait(5 * HOUR)
    assert await shop.told() == []
    await shop.wait(7 * HOUR)
    assert [(at, reason) for at, _, reason in await shop.told()] == [(6 * HOUR, "unmuted")]


async def test_who_has_not_seen_a_silence_as_it_is_changes_nothing(rig: Rig) -> None:
    shop = await opened(rig)
    made = await shop.silence("s")
    later = START + 6 * HOUR
    stale: list[AskedSilence] = [
        Lifting(silence_id="s", revision=0, by="b"),
        Extension(silence_id="s", revision=2, by="b", ends_at=later),
    ]
    assert [(await shop.ask(one)).outcome for one in stale] == [SilenceOutcome.STALE_REVISION] * 2
    assert (await shop.ask(Lifting(silence_id="x", revision=1, by="b"))).outcome is SilenceOutcome.NOT_FOUND
    assert await shop.kept("s") == made
    await shop.ask(Lifting(silence_id="s", revision=1, by="b"))
    assert (await shop.ask(Lifting(silence_id="s", revision=2, by="b"))).outcome is SilenceOutcome.ENDED


async def test_silences_are_listed_by_state_author_and_what_they_name_page_by_page(rig: Rig) -> None:
    shop = await opened(rig)
    made: dict[str, dict[str, Any]] = {
        "ended": {"by": "ben"},
        "active": {"matchers": {"team": ("drivers", "desk"), "process": ("shipping",)}},
        "planned": {"starts_at": START + 2 * HOUR},
    }
    for at, (name, more) in enumerate(made.items()):
        shop.now = START + at * MINUTE
        await shop.silence(name, **more)
    await shop.ask(Lifting(silence_id="ended", revision=1, by="ben"))

    async def names(**asked: object) -> list[str]:
        wanted = SilencesWanted(at=shop.now, **asked)  # type: ignore[arg-type]  # Each test gives what is asked for.
        return [one.silence_id for one in await rig.desk.silences(wanted, None, 10)]

    assert await names() == ["planned", "active", "ended"]
    assert await names(states=(SilenceState.ACTIVE, SilenceState.ENDED)) == ["active", "ended"]
    assert await names(states=(SilenceState.SCHEDULED,)) == ["planned"]
    assert await names(author="ben") == ["ended"]
    assert await names(named={"team": "desk"}) == ["active"]
    assert await names(named={"team": "desk", "category": "delivery"}) == []
    wanted = SilencesWanted(at=shop.now)
    first = await rig.desk.silences(wanted, None, 2)
    rest = await rig.desk.silences(wanted, silence_place(first[-1]), 2)
    assert [one.silence_id for one in (*first, *rest)] == ["planned", "active", "ended"]


async def test_a_preview_counts_what_would_have_been_hidden(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.push(-2 * DAY, complaint(9))
    await shop.push(MINUTE, complaint(1), complaint(2), survey("twice", 0, "late", customer="customer-1"), _refund(1))
    await shop.push(HOUR, survey("x1", 0, "fire", customer="a"))
    await shop.wait(2 * HOUR)
    since = shop.now - DAY
    late = await rig.desk.preview(DELIVERY, since, including_critical=False)
    assert (late.whole, late.worst) == (Part(alerts=1, events=3, customers=2), Severity.HIGH)
    assert late.by_team == {"drivers": Part(alerts=1, events=3, customers=2)}
    assert [(one.alert.category, one.events, one.customers) for one in late.examples] == [("delivery", 3, 2)]
    assert (late.interrupts, late.passing, late.open_now, len(late.open_examples)) == (1, 0, 1, 1)
    both = {"team": ("drivers", "refunds")}
    whole = await rig.desk.preview(both, since, including_critical=False)
    assert (whole.whole, whole.worst) == (Part(alerts=3, events=5, customers=3), Severity.CRITICAL)
    assert [one.alert.category for one in whole.examples] == ["safety", "delivery", "refund"]
    assert (whole.interrupts, whole.passing) == (2, 1)
    assert (await rig.desk.preview(both, since, including_critical=True)).interrupts == 3
    for matchers in ({"severity": ("low",)}, {"channel": ("email",)}, {"level": ("formal_review",)}):
        nothing = await rig.desk.preview(matchers, since, including_critical=False)
        assert (nothing.whole, nothing.by_team, nothing.open_now) == (Part(), {}, 0)


async def test_customers_at_risk_and_late_cases_are_counted_though_they_have_no_members(rig: Rig) -> None:
    rules = compile_playbook(make_playbook(at_risk={"cases": 2, "team": "desk"}))
    shop = await opened(rig, rules)
    await shop.silence("s", {"team": ("desk",)}, growth=100)
    await shop.push(
        MINUTE, *(ticket(event_id=f"t{at}-1", ticket_id=f"t{at}", subject="late, awful") for at in range(2))
    )
    await shop.wait(HOUR)
    assert await shop.hidden("s") == Hidden(alerts=1, events=2, customers=1, lately=1, worst=Severity.HIGH)
    seen = await rig.desk.preview({"kind": ("at_risk",)}, START - HOUR, including_critical=False)
    assert (seen.whole, seen.by_team) == (Part(alerts=1, events=2, customers=1), {"desk": seen.whole})


async def test_silences_that_ended_long_ago_are_forgotten_when_a_new_one_is_made(rig: Rig) -> None:
    shop = await opened(rig)
    await shop.silence("old")
    await shop.wait(5 * HOUR)
    shop.now = START + KEPT + 5 * HOUR
    await shop.silence("new")
    wanted = SilencesWanted(at=shop.now)
    assert [one.silence_id for one in await rig.desk.silences(wanted, None, 10)] == ["new"]


async def test_a_silence_that_can_hide_nothing_or_hides_everything_is_refused(rig: Rig) -> None:
    shop = await opened(rig)
    asked = Wished(silence_id="s", matchers={"team": ("driver",)}, by="a", reason="-", lasts=HOUR)
    told = await shop.ask(asked)
    assert (told.outcome, [one.near for one in told.unmet]) == (SilenceOutcome.MATCHES_NOTHING, [("drivers",)])
    teams = tuple(one.id for one in shop.rules.playbook.teams)
    everything = await shop.ask(replace(asked, matchers={"team": teams}))
    assert everything.outcome is SilenceOutcome.MATCHES_EVERYTHING
    assert await rig.desk.silences(SilencesWanted(at=shop.now), None, 10) == []


async def test_a_store_reads_silences_again_only_once_they_have_changed(postgres_rig: PostgresRig) -> None:
    shop = await opened(postgres_rig)
    await shop.silence("s", growth=100)
    versions = [await postgres_rig.pool.fetchval("SELECT version FROM silences")]
    await shop.push(MINUTE, complaint(1))
    await shop.wait(HOUR)
    versions.append(await postgres_rig.pool.fetchval("SELECT version FROM silences"))
    await shop.ask(Lifting(silence_id="s", revision=1, by="b"))
    versions.append(await postgres_rig.pool.fetchval("SELECT version FROM silences"))
    assert versions == [1, 1, 2]


async def test_gauges_say_what_each_silence_hides_and_how_near_it_is_to_breaking(postgres_rig: PostgresRig) -> None:
    shop = await opened(postgres_rig)
    await shop.silence("s", growth=4)
    await shop.silence("idle", {"team": ("refunds",)})
    await shop.silence("planned", starts_at=START + DAY)
    await shop.push(MINUTE, complaint(1), complaint(2), complaint(3))
    await shop.wait(HOUR)
    readings = await PostgresGauges(postgres_rig.pool).readings(shop.now)
    assert {(name, labels): value for name, labels, value in readings if name.startswith("silence")} == {
        ("silence_hidden_customers", ("idle",)): 0,
        ("silence_hidden_customers", ("s",)): 3,
        ("silence_growth_ratio", ("idle",)): 0,
        ("silence_growth_ratio", ("s",)): 0.75,
    }
    later = await PostgresGauges(postgres_rig.pool).readings(shop.now + DAY)
    assert ("silence_growth_ratio", ("s",), 0) in later
