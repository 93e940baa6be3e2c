"""Without faults the oracle and the service decide the same, on streams of the demo and on lives drawn at random."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from service.adapters.memory import MemoryDesk, MemoryStore
from service.adapters.playbook_files import load
from service.assets import playbooks
from service.core.pipeline.read import ReadRecord, read
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.feedback import Message
from service.core.scorecard import EVER, Cohort, Dimension, Sample, scorecard_line, scorecards
from service.demo.stream import stream
from service.ports import Books
from service.runtime.replay import in_order, replay
from tests.builders import finish
from tests.chaos.traffic import Told as Story
from tests.chaos.traffic import traffic
from tests.oracle import Expected, Published, expect
from tests.oracle.lives import arrived, drawn
from tests.oracle.months import an_outage_taken_back, months
from tests.oracle.runs import runs

START = datetime(2026, 3, 2, tzinfo=UTC)
KEY = PseudonymKey(key_id="k1", secret=b"of these tests alone")
RETAIL = playbooks() / "retail"
DAY = timedelta(days=1)
# How far a record of the demo may be late.
LATEST = timedelta(hours=41)

TOLD_AT_THE_TIME = ("verdict", "alert_id", "reason")
LAW = ("key", "kind", "members", "severity", "events", "customers")
# What is said beyond that of alerts without members, and what only in the order of time.
WATCHED = ("late_case", "at_risk")
MORE, TIMES = ("state", "team", "process", "category"), ("opened_at", "resolved_at")
STATE = ("state",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the service made of records, in the order in which it took them."""

    taken: Sequence[bytes]
    books: Books
    rejected: Mapping[tuple[str, int, int], tuple[str, str]]
    feedback: Mapping[tuple[str, str], Mapping[str, Any]]
    verdicts: Mapping[tuple[str, str], str]
    alerts: Sequence[Mapping[str, Any]]
    scorecards: Sequence[Mapping[str, Any]]
    reviews: Sequence[Mapping[str, Any]]


@pytest.fixture(scope="module")
def rules() -> Rules:
    loaded = load(RETAIL)
    assert loaded.playbook is not None
    return compile_playbook(loaded.playbook)


@pytest.mark.parametrize(("seed", "events"), [(7, 1_500), (1, 2_000), (23, 1_300)])
def test_on_the_demo_in_the_order_of_time(rules: Rules, seed: int, events: int) -> None:
    decided, expected = both(values(seed, events), rules, timedelta(0))
    assert_same_outcomes(decided, expected)
    assert decided.feedback == expected.feedback
    assert alerts(decided.alerts) == alerts(expected.alerts)
    assert {alert["kind"] for alert in expected.alerts} == {"event", "volume", "late_case", "at_risk"}
    assert_same_reviews(decided, expected)
    assert expected.unclaimed == frozenset()
    assert_same_scorecards(decided, expected)
    assert {line["metric"] for line in decided.scorecards if line["figure"] != "insufficient"} >= {"nps", "csat"}


def test_on_the_demo_in_the_order_of_arrival(rules: Rules) -> None:
    decided, expected = both(values(5, 2_000), rules, LATEST, as_they_came=True)
    assert_same_outcomes(decided, expected)
    assert_same_within_the_law(decided, expected)
    assert len(expected.unclaimed) < len(expected.alerts) / 4


def test_on_six_dense_days(rules: Rules) -> None:
    decided, expected = both(values(7, 9_000, days=(33, 39)), rules, timedelta(0))
    assert len(decided.taken) > 900
    assert_same_outcomes(decided, expected)
    assert decided.feedback == expected.feedback
    assert alerts(decided.alerts) == alerts(expected.alerts)
    assert_same_reviews(decided, expected)


@pytest.mark.parametrize(
    ("subjects", "days", "seeds"), [(5, 60, range(16)), (12, 6, range(8)), (30, 40, range(4)), (150, 40, range(1))]
)
def test_on_lives_with_corrections_withdrawals_and_remarks(
    rules: Rules, subjects: int, days: int, seeds: Collection[int]
) -> None:
    for seed in seeds:
        records = [record for life in drawn(seed, subjects, timedelta(days=days), START) for record in life]
        decided, expected = both(list(map(orjson.dumps, records)), rules, timedelta(0))
        assert_same_outcomes(decided, expected)
        assert decided.feedback == expected.feedback, seed
        assert alerts(decided.alerts) == alerts(expected.alerts), seed
        assert_same_reviews(decided, expected)
        assert_same_scorecards(decided, expected)


@pytest.mark.parametrize(("subjects", "days", "seeds"), [(4, 1, range(16)), (60, 30, range(2))])
def test_on_lives_that_arrive_in_another_order(rules: Rules, subjects: int, days: int, seeds: Collection[int]) -> None:
    apart = timedelta(hours=20)
    for seed in seeds:
        records = arrived(drawn(seed, subjects, timedelta(days=days), START), seed, apart)
        decided, expected = both(list(map(orjson.dumps, records)), rules, apart, as_they_came=True)
        assert_same_outcomes(decided, expected)
        assert_same_within_the_law(decided, expected)


def test_on_instances_that_end_begin_anew_and_change_tier(rules: Rules) -> None:
    expected_of: list[Mapping[str, Any]] = []
    for seed in range(12):
        records = runs(seed, 40, timedelta(days=30), START, late=timedelta(0))
        decided, expected = both(list(map(orjson.dumps, records)), rules, timedelta(0))
        assert alerts(decided.alerts) == alerts(expected.alerts), seed
        expected_of += expected.alerts
    assert Counter((one["state"], one["events"]) for one in expected_of).keys() == {
        ("open", 1),
        ("resolved", 1),
        ("resolved", 0),
    }
    assert len(expected_of) > len({one["key"] for one in expected_of})


def test_on_instances_whose_events_arrive_in_another_order(rules: Rules) -> None:
    late, found = timedelta(hours=20), []
    for seed in range(12):
        records = runs(seed, 40, timedelta(days=30), START, late=late)
        decided, expected = both(list(map(orjson.dumps, records)), rules, late, as_they_came=True)
        assert_same_within_the_law(decided, expected)
        found += [(one["key"] in expected.unclaimed, one["key"] in expected.passing) for one in expected.alerts]
    assert sum(unclaimed for unclaimed, _ in found) < len(found) / 10
    assert sum(passing for _, passing in found) < len(found) / 3


@pytest.mark.parametrize(("days", "hours"), [(40, 10), (0.2, 2)])
def test_on_customers_who_are_content_again_or_not_after_all(rules: Rules, days: float, hours: float) -> None:
    story = Story(start=START, span=days * DAY, bound=timedelta(hours=hours))
    for seed in range(2):
        records = [one.value for one in traffic(seed, 900, story, partitions=3)]
        decided, expected = both(records, rules, timedelta(0))
        assert decided.feedback == expected.feedback
        assert alerts(decided.alerts) == alerts(expected.alerts), seed
        late = 1.5 * story.bound
        assert_same_within_the_law(*both(records, rules, late, as_they_came=True))


def test_on_months_of_trouble_in_a_cell_a_category_or_a_process(rules: Rules) -> None:
    reviews: list[Mapping[str, Any]] = []
    foretold: set[frozenset[str]] = set()
    for seed in range(6):
        decided, expected = both(list(map(orjson.dumps, months(seed, 16, START))), rules, timedelta(0))
        assert_same_outcomes(decided, expected)
        assert decided.feedback == expected.feedback, seed
        assert alerts(decided.alerts) == alerts(expected.alerts), seed
        assert_same_reviews(decided, expected)
        reviews += expected.reviews
        foretold |= set(expected.verdicts.values())
    assert {frozenset({"inhibited"}), frozenset({"held"}), frozenset({"merged"})} <= foretold
    alone, together = ([one for one in reviews if bool(one["siblings"]) is pooled] for pooled in (False, True))
    for some in (alone, together):
        assert {one["transition"] for one in some} == {"opened", "raised", "continued", "closed"}
        assert {one["level"] for one in some} == {None, "local_adjustment", "formal_review"}
        assert {"downtime" in one["flags"] for one in some} == {True, False}
        assert any(one["downtime"]["x"] for one in some if one["downtime"])
    assert {"process" if one["cell"]["process"] == "*" else "category" for one in together} == {"process", "category"}
    assert {exposed_by(one) for one in alone} == {"instances", "exposure_by_answers", "exposure_unknown"}


def test_on_an_outage_that_one_of_three_processes_takes_back(rules: Rules) -> None:
    records = sorted(an_outage_taken_back(START), key=lambda record: str(record["time"]))
    decided, expected = both(list(map(orjson.dumps, records)), rules, timedelta(0))
    assert alerts(decided.alerts) == alerts(expected.alerts)
    assert_same_reviews(decided, expected)
    together = [one for one in expected.reviews if one["method"] == "pooled_bayes_factor"]
    assert [(one["cell"]["process"], one["transition"], len(one["siblings"])) for one in together] == [
        ("*", "opened", 3),
        ("*", "continued", 0),
        ("*", "closed", 0),
    ]


def exposed_by(review: Mapping[str, Any]) -> str:
    return next((flag for flag in review["flags"] if flag.startswith("exposure_")), "instances")


def values(seed: int, events: int, days: tuple[int, int] = (0, 63)) -> list[bytes]:
    """Return records of the demo, broken ones included, in the order of their publication."""
    first, last = START + days[0] * DAY, START + days[1] * DAY
    made = [one.value for one in stream(seed, events, START) if first <= one.at < last]
    return [value if isinstance(value, bytes) else orjson.dumps(value) for value in made]


def both(
    records: Sequence[bytes], rules: Rules, bound: timedelta, *, as_they_came: bool = False
) -> tuple[Decided, Expected]:
    """Let the service decide, as a replay would or in the order of arrival; then ask the oracle of the same order."""
    said = [one for at, value in enumerate(records) for one in _read(value, at, rules)]
    said = said if as_they_came else list(in_order(said))
    store = MemoryStore()
    ran = finish(replay(store, said, rules, timedelta(hours=24)))
    decided = finish(_decided(store, [one.message.value or b"" for one in said], said))
    published = [
        Published(topic="t", partition=0, offset=at, key=None, value=value) for at, value in enumerate(decided.taken)
    ]
    return decided, expect(published, RETAIL, KEY.secret, bound=bound, until=ran.until)


def assert_same_outcomes(decided: Decided, expected: Expected) -> None:
    books = decided.books
    assert (expected.consumed, expected.accepted, expected.duplicate, expected.superseded) == (
        books.consumed,
        books.accepted,
        books.duplicate,
        books.superseded,
    )
    assert expected.rejected == decided.rejected
    assert expected.verdicts.keys() == decided.verdicts.keys()
    wrong = {name: (word, expected.verdicts[name]) for name, word in decided.verdicts.items()}
    assert {name: pair for name, pair in wrong.items() if pair[0] not in pair[1]} == {}


def assert_same_scorecards(decided: Decided, expected: Expected) -> None:
    found, wanted = (
        {(line["by"], line["value"], line["metric"]): line for line in lines}
        for lines in (decided.scorecards, expected.scorecards)
    )
    assert found.keys() == wanted.keys()
    for name, line in wanted.items():
        assert found[name] == {
            field: pytest.approx(value, abs=2e-6) if isinstance(value, float) else value
            for field, value in line.items()
        }


def assert_same_reviews(decided: Decided, expected: Expected) -> None:
    found, wanted = (
        {(line["window_end"], line["cell"]["process"], line["cell"]["category"]): line for line in lines}
        for lines in (decided.reviews, expected.reviews)
    )
    assert found.keys() == wanted.keys()
    for name, line in wanted.items():
        told = {**found[name], "flags": sorted(found[name]["flags"])}
        assert {field: told[field] for field in line} == {field: _nearly(value) for field, value in line.items()}, name


def _nearly(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Reviews tell four decimals, and of the statistic six digits."""
    match value:
        case float():
            return pytest.approx(value, rel=2e-6, abs=6e-5)
        case list():
            return [_nearly(one) for one in value]
        case dict():
            return {name: _nearly(one) for name, one in value.items()}
        case _:
            return value


def assert_same_within_the_law(decided: Decided, expected: Expected) -> None:
    """Compare what no order of arrival may change: rows of what holds, and alerts with members, off their limits."""
    assert decided.feedback.keys() == expected.feedback.keys()
    for name in expected.current:
        assert decided.feedback[name] == expected.feedback[name]
    claimed, found = law(decided, expected)
    assert claimed == found


def law(decided: Decided, expected: Expected) -> tuple[Counter[str], Counter[str]]:
    """Return what is claimed of both their alerts, without the events whose place hangs on the order of arrival.

    Of an alert that has one of those for somebody, it is said only who else is in it.
    """
    both = [
        [alert for alert in some if alert["events"] and is_claimed(alert, expected)]
        for some in (decided.alerts, expected.alerts)
    ]
    held = [alert for some in both for alert in some if alert["kind"] not in WATCHED]
    in_part = {alert["key"] for alert in held if expected.swayed.intersection(alert["members"])}
    claimed = [
        alerts([alert for alert in some if alert["key"] not in in_part], more=MORE)
        + Counter(
            str((alert["key"], others))
            for alert in some
            if alert["key"] in in_part and (others := sorted(set(alert["members"]) - expected.swayed))
        )
        for some in both
    ]
    return claimed[0], claimed[1]


def is_claimed(alert: Mapping[str, Any], expected: Expected) -> bool:
    """Whether it does not hang on the order of arrival that there is such an alert."""
    passed = alert["key"] in expected.passing and alert.get("state") != "open"
    return alert["key"] not in expected.unclaimed and not passed


def alerts(some: Sequence[Mapping[str, Any]], more: Sequence[str] = (*MORE, *TIMES)) -> Counter[str]:
    return Counter(str({name: alert[name] for name in (*LAW, *_said_of(alert["kind"], more))}) for alert in some)


def _said_of(kind: str, more: Sequence[str]) -> Sequence[str]:
    return more if kind in WATCHED else STATE if kind == "event" else ()


def _read(value: bytes, offset: int, rules: Rules) -> Sequence[ReadRecord]:
    message = Message(topic="t", partition=0, offset=offset, key=None, value=value, received_at=START)
    return read(message, rules, KEY)


async def _scorecards(desk: MemoryDesk, by: Dimension) -> list[dict[str, Any]]:
    end = await desk.heard_until()
    given = (await desk.scores(Sample(by=by, period=EVER))).tallies
    closed = () if end is None else (await desk.cases(Cohort(by=by, period=EVER, days=7, known_until=end))).tallies
    return [scorecard_line(card) for card in scorecards(by, given, 30, closed)]


async def _decided(store: MemoryStore, taken: Sequence[bytes], said: Sequence[ReadRecord]) -> Decided:
    place = {one.message.offset: at for at, one in enumerate(said)}
    return Decided(
        taken=taken,
        books=await store.books(),
        rejected={
            ("t", 0, place[letter["line"]]): (letter["stage"], letter["reason"]) async for letter in store.rejected()
        },
        feedback={
            (row["source"], row["event_id"]): {
                name: value for name, value in row.items() if name not in TOLD_AT_THE_TIME
            }
            async for row in store.feedback()
        },
        verdicts={(row["source"], row["event_id"]): row["verdict"] async for row in store.feedback()},
        alerts=[alert async for alert in store.alerts()],
        scorecards=[line for by in Dimension for line in await _scorecards(MemoryDesk(store), by)],
        reviews=[line async for line in store.reviews()],
    )
