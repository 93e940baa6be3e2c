"""Every metric that is promised is there, with bounded labels."""

from typing import get_args

from service.adapters.meter import MOST_SERIES, SHAPES, PrometheusMeter
from service.core.records.metrics import Metric
from service.ports.fellows import Sample


def test_every_metric_of_the_vocabulary_has_a_shape() -> None:
    assert set(SHAPES) == set(get_args(Metric))


def test_what_is_counted_is_exposed_under_the_prefix() -> None:
    meter = PrometheusMeter()
    meter.add("records_total", "feedback.surveys", "accepted", by=3)
    meter.put("lag_records", "feedback.surveys", "0", value=7)
    meter.observe("batch_seconds", value=0.02)
    text = meter.text().decode()
    assert [line for line in text.splitlines() if line.startswith("feedback_router_") and "created" not in line][
        :1
    ] == ['feedback_router_records_total{outcome="accepted",topic="feedback.surveys"} 3.0']
    assert 'feedback_router_lag_records{partition="0",topic="feedback.surveys"} 7.0' in text
    assert "feedback_router_batch_seconds_count 1.0" in text


def test_a_gauge_that_is_told_anew_forgets_labels_that_are_no_more() -> None:
    meter = PrometheusMeter()
    meter.put("alerts_open", "billing", "high", value=2)
    meter.forget("alerts_open")
    meter.put("alerts_open", "delivery", "low", value=1)
    lines = [line for line in meter.text().decode().splitlines() if line.startswith("feedback_router_alerts_open")]
    assert lines == ['feedback_router_alerts_open{severity="low",team="delivery"} 1.0']


def test_a_flood_of_labels_ends_at_a_bound() -> None:
    meter = PrometheusMeter()
    for number in range(MOST_SERIES + 50):
        meter.put("silence_hidden_customers", str(number), value=1)
    lines = meter.text().decode().splitlines()
    assert sum(line.startswith("feedback_router_silence_hidden_customers{") for line in lines) == MOST_SERIES


def test_what_several_processes_counted_is_one_exposition() -> None:
    first, second = PrometheusMeter(), PrometheusMeter()
    for meter, count in ((first, 3), (second, 4)):
        meter.add("records_total", "feedback.surveys", "accepted", by=count)
        meter.observe("batch_seconds", value=0.02 * count)
        meter.put("unmapped_ratio", "surveys", value=count / 10)
        meter.put("playbook_info", "one digest", value=1)
    second.add("records_total", "feedback.surveys", "duplicate")
    # One gave the partition up, the other has it; only the first looks at alerts.
    first.put("lag_records", "feedback.surveys", "0", value=0)
    second.put("lag_records", "feedback.surveys", "0", value=7)
    first.put("alerts_open", "billing", "high", value=2)
    joined = [line for line in first.text([second.figures()]).decode().splitlines() if "_created" not in line]
    assert {
        'feedback_router_records_total{outcome="accepted",topic="feedback.surveys"} 7.0',
        'feedback_router_records_total{outcome="duplicate",topic="feedback.surveys"} 1.0',
        "feedback_router_batch_seconds_count 2.0",
        'feedback_router_batch_seconds_bucket{le="0.1"} 2.0',
        'feedback_router_unmapped_ratio{source="surveys"} 0.35',
        'feedback_router_playbook_info{digest="one digest"} 1.0',
        'feedback_router_lag_records{partition="0",topic="feedback.surveys"} 7.0',
        'feedback_router_alerts_open{severity="high",team="billing"} 2.0',
    } <= set(joined)
    names = [line.rpartition(" ")[0] for line in joined]
    assert len(set(names)) == len(names)


def test_with_one_process_the_joined_exposition_is_its_own() -> None:
    meter = PrometheusMeter()
    meter.add("records_total", "feedback.surveys", "accepted", by=3)
    meter.observe("stage_seconds", "read", value=0.3)
    meter.put("lag_records", "feedback.surveys", "0", value=7)
    silent: dict[str, list[Sample]] = {name: [] for name in SHAPES}
    assert sorted(meter.text([silent]).splitlines()) == sorted(meter.text().splitlines())
