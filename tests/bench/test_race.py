"""The race: from raw runs to figures, from figures to the page; and one short run of the loop by hand."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from service.bench.events import Published, survey_events
from tests.bench.race.contestants import Absent, Contestant, about, contestants, interpreter, peers
from tests.bench.race.critical import marked, number_in
from tests.bench.race.figures import figures
from tests.bench.race.ground import ground, rules_of
from tests.bench.race.pace import percentiles
from tests.bench.race.page import ahead, page
from tests.bench.race.plots import plots
from tests.bench.race.proc import tree_of
from tests.bench.race.records import make_topic, publish
from tests.bench.race.runner import Failed, Sample
from tests.bench.race.turn import costs_of, rate_of, turn
from tests.bench.race.workloads import WORKLOADS, partition_of
from tests.bench.test_job import NOW

MACHINE = {"cores": 2, "processor": "A processor", "system": "Linux 6"}


def run(contestant: str, rate: float, repeat: int = 1, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - any field
    return {
        "workload": "steady",
        "contestant": contestant,
        "kind": "turn",
        "repeat": repeat,
        "events": 1000,
        "seconds": 1.0,
        "events_per_second": rate,
        "cpu_per_million": {"process": 1e6 / rate, "postgres": 50.0},
        **more,
    }


def document(*runs: dict[str, Any]) -> dict[str, Any]:
    return {
        "figures": figures(runs),
        "about": {"faust": {"name": "Faust", "guarantee": "At least once.", "versions": {"faust": "1"}, "tuning": []}},
        "machine": MACHINE,
        "versions": {"python": "3.11"},
        "seconds": 15.0,
        "seed": 1,
        "workloads": {"steady": "survey responses"},
        "runs": runs,
    }


def test_a_rate_is_between_the_first_and_the_last_commit_of_the_window() -> None:
    done = [(9.0, 500), (10.5, 100), (11.0, 100), (12.5, 300), (21.0, 700)]
    assert rate_of(done, 10.0, 20.0) == {"events": 400, "seconds": 2.0, "events_per_second": 200.0}


def test_one_commit_is_taken_by_the_whole_window_and_none_is_a_failure() -> None:
    assert rate_of([(12.0, 500)], 10.0, 20.0) == {"events": 500, "seconds": 10.0, "events_per_second": 50.0}
    with pytest.raises(Failed, match="nothing was committed after the warm-up"):
        rate_of([(9.0, 500)], 10.0, 20.0)


def test_costs_are_of_the_events_within_the_window() -> None:
    first = Sample(at=10.0, process=1.0, postgres=2.0, wal=1_000, pages=10, peaks={})
    last = Sample(at=20.0, process=3.0, postgres=2.5, wal=2_001_000, pages=1_510, peaks={})
    assert costs_of([(9.0, 7), (11.0, 600), (19.0, 400)], first, last) == {
        "cpu_per_million": {"process": 2000.0, "postgres": 500.0},
        "wal_bytes_per_event": 2000,
        "wal_pages_per_event": 1.5,
    }


def test_percentiles_are_values_that_were_measured() -> None:
    late = [number / 1000 for number in range(1, 1001)]
    assert percentiles(late) == {"p50": 501.0, "p99": 991.0, "p99.9": 1000.0, "max": 1000.0}


def test_figures_are_medians_with_their_spread_and_ratios_to_the_yardsticks() -> None:
    found = figures(
        [
            run("write-only", 10_000),
            *[run("feedback-router", rate, repeat) for repeat, rate in enumerate((4_000, 6_000, 5_000))],
            run("by_hand/ours", 8_000, peak_mb=[60.0, 10.0]),
            {
                "workload": "steady",
                "contestant": "faust/own",
                "kind": "turn",
                "repeat": 1,
                "failed": "it did not start",
            },
        ]
    )["steady"]
    assert found["feedback-router"]["events_per_second"] == {"median": 5000, "min": 4000, "max": 6000, "runs": 3}
    assert found["feedback-router"]["ratio_to"] == {"write-only": 0.5, "by_hand/ours": 0.625}
    assert found["by_hand/ours"]["peak_mb"]["all_processes"]["median"] == 70.0
    assert found["faust/own"] == {"failed": {"runs": 1, "reason": "it did not start"}}


def test_a_run_through_the_whole_backlog_is_told_apart() -> None:
    found = figures([run("feedback-router", 5_000, kind="whole", peak_mb=[200.0]), run("feedback-router", 4_000, 2)])
    figure = found["steady"]["feedback-router"]
    assert figure["events_per_second"]["median"] == 4_000
    assert figure["whole"] == [{"events": 1000, "seconds": 1.0, "events_per_second": 5_000, "peak_mb": [200.0]}]


def test_a_rival_that_is_ahead_is_said_to_be() -> None:
    late = {"kind": "pace", "rate": 10.0, "missing": 0, "sender_late_ms": percentiles([0.0])}
    found = figures(
        [
            *(
                run("feedback-router", 5_000),
                run("faust/own", 500),
                run("by_hand/ours", 8_000),
                run("write-only", 9_000),
            ),
            {**run("feedback-router", 1), **late, "latency_ms": percentiles([0.1])},
            {**run("faust/own", 1), **late, "latency_ms": percentiles([0.02])},
        ]
    )
    about = {"by_hand": {"name": "by hand"}, "faust": {"name": "Faust"}}
    assert ahead(found, about) == [
        "steady: by hand does 8,000 events a second, 1.6 times the 5,000 of feedback-router.",
        "steady: at p99 and half of its own rate Faust, own commits within 20 ms, feedback-router within 100 ms.",
    ]


def test_the_page_has_both_tables_and_says_who_failed() -> None:
    failed = {"workload": "steady", "contestant": "faust/ours", "kind": "turn", "repeat": 1, "failed": "not ready"}
    lines = page(document(run("feedback-router", 5_000), run("faust/own", 500), failed)).splitlines()
    assert lines[lines.index("## Who is ahead of us") + 2] == "Nobody in what was run."
    assert lines[lines.index("## Idiomatic") + 2 :][:4] == [
        "| events a second | steady |",
        "| --- | --- |",
        "| feedback-router | 5,000 |",
        "| Faust, own | 500 (10.00) |",
    ]
    assert lines[lines.index("## With our SQL") + 5] == "| Faust, our SQL | failed |"
    assert "Faust, our SQL failed in 1 runs: not ready." in lines
    assert "**Faust** (faust 1): At least once." in lines


def test_plots_are_svg_with_a_bar_for_each() -> None:
    drawn = plots(document(run("feedback-router", 5_000), run("faust/own", 500)))
    assert list(drawn) == ["race-steady"]
    bars = ET.fromstring(drawn["race-steady"]).findall("{http://www.w3.org/2000/svg}rect")  # noqa: S314 - our own
    assert len(bars) == 3


def test_a_notice_says_which_event_it_is_about() -> None:
    event = next(survey_events(1, 1, NOW))
    text = b"electric shock. It was sample bca."
    assert text in marked(event, 120).value
    notice = b'{"data":{"severity":"%s","excerpts":["An electric shock. It was sample bca."]}}'
    assert number_in(notice % b"critical") == 120
    assert number_in(notice % b"high") is None


def test_a_hot_workload_puts_half_of_its_customers_into_one_partition() -> None:
    keys = [Published(key=b"c-%d" % number, value=b"") for number in range(4_000)]
    found = [partition_of(WORKLOADS["zipf"], key, 4) for key in keys]
    assert set(found) == {0, 1, 2, 3}
    assert 1_900 < found.count(0) < 2_100
    assert partition_of(WORKLOADS["steady"], keys[0], 4) is None


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_is_the_same_for_the_same_seed_but_for_its_times(name: str) -> None:
    events = list(WORKLOADS[name].events(3, 40))
    assert [event.key for event in WORKLOADS[name].events(3, 40)] == [event.key for event in events]
    assert len({event.value for event in events}) == 40


def test_tickets_have_one_to_four_kilobytes() -> None:
    sizes = [len(event.value) for event in WORKLOADS["tickets"].events(3, 200)]
    assert min(sizes) > 900
    assert max(sizes) < 4_800


def test_everybody_takes_part_and_says_what_they_guarantee() -> None:
    keys = [one.key for one in contestants(2)]
    assert {"feedback-router", "feedback-router x2", "by_hand/ours", "aiokafka_sqlalchemy/own"} <= set(keys)
    assert len(set(keys)) == len(keys)
    assert all(about(peer)["guarantee"] for peer in peers())


def test_a_tree_of_processes_has_a_peak_and_a_time() -> None:
    tree = tree_of(1)
    assert tree.cpu > 0
    assert all(peak >= 0 for peak in tree.peaks.values())


@pytest.mark.quality
@pytest.mark.kafka
@pytest.mark.postgres
async def test_the_loop_by_hand_runs_for_three_seconds(tmp_path: Path) -> None:
    try:
        interpreter("by_hand")
    except Absent as reason:
        pytest.skip(str(reason))
    async with ground(tmp_path) as place:
        assert rules_of(place.playbook)["floor"] == 40
        workload = WORKLOADS["steady"]
        await make_topic(place, workload.topic)
        await publish(place, workload, workload.events(1, 20_000))
        found = await turn(
            place, workload, Contestant(peer="by_hand"), "g", seconds=3, whole=False, log=tmp_path / "log"
        )
    assert found["events_per_second"] > 0
    assert found["wal_bytes_per_event"] > 500
    assert found["peak_mb"][0] > 20
