"""Each suite, small, on what the tests run on: its figures are there and its books add up; speed is not judged."""

import pytest

from service.adapters.playbook_files import load
from service.assets import playbooks
from service.bench import Scale, Suite, run, stream, ticks
from service.core.pipeline.rules import Rules, compile_playbook
from tests.infrastructure.kafka import Kafka

SCALE = Scale(events=300, repeats=1)


@pytest.fixture(scope="module")
def rules() -> Rules:
    playbook = load(playbooks() / "retail").playbook
    assert playbook is not None
    return compile_playbook(playbook)


@pytest.mark.kafka
@pytest.mark.postgres
async def test_the_yardstick_writes_what_the_road_wrote(
    rules: Rules, kafka: Kafka, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setenv("DATABASE_URL", empty_database)
    said: list[str] = []
    scale = Scale(events=300, repeats=1, processes=2)
    figures = (await run([Suite.END_TO_END], rules, scale, said.append))["end-to-end"]
    assert figures["events"] == 300
    assert figures["relay"] == "transactional"
    assert figures["relayed"]["records"] >= 300
    assert figures["written"]["feedback"]["rows"] == figures["written"]["event_identity"]["rows"] == 300
    assert figures["written"]["outbox"]["rows"] == figures["relayed"]["rows"]
    assert figures["road_to_write_only"]["median"] > 0
    assert len([peak for peak in figures["peak_megabytes_by_process"] if peak > 50]) == figures["processes"] == 2
    assert len(said) == 2


async def test_the_stages_of_the_core_are_timed_apart(rules: Rules) -> None:
    figures = (await run([Suite.CORE], rules, SCALE, lambda _: None))["core"]
    assert figures["events"] == 300
    assert set(figures["microseconds_per_event"]) == {"read", "judge", "settle"}
    assert min(figures["microseconds_per_event"].values()) > 0


async def test_a_tick_is_timed_per_cell(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "MANY_CELLS", 1_000)
    figures = (await run([Suite.VOLUME], rules, SCALE, lambda _: None))["volume"]
    assert 0 < figures["cells"] <= 300
    assert figures["contacts"] == 300
    assert figures["microseconds_per_cell_and_tick"] > 0


async def test_many_routes_are_timed_beside_few_on_feedback_alone(rules: Rules) -> None:
    figures = (await run([Suite.ROUTES], rules, SCALE, lambda _: None))["routes"]
    assert 0 < figures["events"] < 300
    assert figures["routes"] == {"few": 10, "many": 1000}
    assert min(figures["microseconds_per_event"].values()) > 0
    assert figures["many_to_few"]["min"] == figures["many_to_few"]["max"] > 0


@pytest.mark.postgres
async def test_linked_feedback_is_timed_beside_the_same_without_a_look_up(
    rules: Rules, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    scale, said = Scale(events=1_000, repeats=1, instances=1_000), list[str]()
    figures = (await run([Suite.LINKS], rules, scale, said.append))["links"]
    assert (figures["rounds"], figures["turns_per_round"], sum(figures["links"].values())) == (1, 2, 1_000)
    assert figures["tables"]["process_instance"]["rows"] == 1_000
    assert figures["linked_to_relationship"]["min"] == figures["linked_to_relationship"]["max"] > 0
    locking = figures["milliseconds_by_statement"]["queries.LOCK_KEYS"]
    assert locking["linked"] > locking["relationship"] == 0
    assert said[-1].startswith("links 1/1: ")


async def test_a_classifier_is_timed_beside_the_plain_library(rules: Rules) -> None:
    figures = (await run([Suite.CLASSIFY], rules, SCALE, lambda _: None))["classify"]
    assert (figures["texts"], sum(figures["methods"].values())) == (300, 300)
    assert set(figures["texts_per_second"]) == {"ladder", "labels_and_keywords", "yardstick"}
    assert figures["right"]["classifier"] > 0.8


@pytest.mark.postgres
async def test_pages_of_filled_queues_are_timed_by_filter(
    rules: Rules, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    scale = Scale(events=6, alerts=2_000)
    figures = (await run([Suite.QUEUE], rules, scale, lambda _: None))["queue"]
    assert (figures["alerts"], figures["teams"]) == (2_000, 20)
    assert {"all", "category and process", "kind"} < set(figures["pages"])
    assert all(one["pages"] >= 6 and one["p99_ms"] > 0 for one in figures["pages"].values())


@pytest.mark.quality
@pytest.mark.postgres
async def test_each_console_hears_of_each_alert(
    rules: Rules, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database)
    monkeypatch.setattr(stream, "SECONDS", 1)
    figures = (await run([Suite.STREAM], rules, Scale(consoles=3), lambda _: None))["stream"]
    heard = figures["heard"]
    assert (heard["snapshots"], heard["alerts_seen"], heard["cut_off"]) == (3, 3 * 50, 0)


@pytest.mark.kafka
@pytest.mark.postgres
async def test_each_critical_survey_is_timed_into_the_queue(
    rules: Rules, kafka: Kafka, empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setenv("DATABASE_URL", empty_database)
    scale = Scale(events=300, repeats=1, rate=200, seconds=1.5)
    figures = (await run([Suite.LATENCY], rules, scale, lambda _: None))["latency"]
    assert (figures["notices"], figures["missing"]) == (5, 0)
    assert 0 < figures["p50_ms"] <= figures["p99_ms"] <= figures["longest_ms"]
    assert set(figures["stages_mean_ms"]) == {"batch", "end_to_end", "read", "relay"}
