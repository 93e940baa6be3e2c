"""Metrics by name -> Prometheus; each metric's labels are fixed here and looked up once for each combination.

What several processes counted is put together for one exposition: counters and histograms are added up; of a gauge, of
which each process says what it owns or what all share, the largest is taken, or the mean where each saw a part.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from statistics import fmean
from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric as Family

from service.core.records.metrics import Metric
from service.ports.fellows import Sample

PREFIX = "feedback_router_"
# Labels come from the playbook and closed vocabularies; more series than this of one metric would be a bug.
MOST_SERIES = 5_000

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)


class Kind(Enum):
    COUNTER = auto()
    GAUGE = auto()
    SECONDS = auto()
    ROWS = auto()


@dataclass(frozen=True, slots=True)
class Shape:
    """A metric's kind, what it says, and its labels in order; whether it is a share of what one process saw."""

    kind: Kind
    says: str
    labels: tuple[str, ...] = ()
    seen_here: bool = False


_counter = partial(Shape, Kind.COUNTER)
_gauge = partial(Shape, Kind.GAUGE)
_seconds = partial(Shape, Kind.SECONDS)

SHAPES: Mapping[Metric, Shape] = {
    "records_total": _counter("Records consumed and committed here.", ("topic", "outcome")),
    "verdicts_total": _counter("Verdicts on accepted records.", ("team", "verdict")),
    "rejected_total": _counter("Records rejected.", ("stage", "reason")),
    "notices_total": _counter("Notices decided.", ("team", "reason")),
    "deliveries_total": _counter("Attempts to deliver a notice.", ("channel", "outcome")),
    "deliveries_dead_total": _counter("Deliveries given up.", ("channel", "reason")),
    "delivery_age_seconds": _gauge("Age of the oldest delivery that waits.", ("channel",)),
    "breaker_open": _gauge("Whether a channel is left alone after failures.", ("channel",)),
    "alerts_open": _gauge("Alerts open.", ("team", "severity")),
    "oldest_unacked_seconds": _gauge("Age of the oldest open alert that nobody acknowledged.", ("team",)),
    "batch_seconds": _seconds("Time of a batch's transaction."),
    "batch_records": Shape(Kind.ROWS, "Records in a batch."),
    "end_to_end_seconds": _seconds("From an event's receipt to its outbox row being relayed."),
    "stage_seconds": _seconds("Time of one stage.", ("stage",)),
    "lag_records": _gauge("Records of a partition not yet committed here.", ("topic", "partition")),
    "outbox_age_seconds": _gauge("Age of the oldest outbox row that waits."),
    "timer_lag_seconds": _gauge("How late the earliest due timer is."),
    "fenced_total": _counter("Times that another owner had taken over."),
    "link_total": _counter("Links tried.", ("status", "method")),
    "category_total": _counter("Categories by the method that found them.", ("method",)),
    "unmapped_ratio": _gauge("Running share of feedback without a category.", ("source",), seen_here=True),
    "classifier_said_total": _counter("What became of what the classifier said.", ("use",)),
    "classifier_abstained_total": _counter("Feedback for which the classifier named no category.", ("reason",)),
    "classifier_info": _gauge("The classifier in force.", ("digest",)),
    "classifier_parts_missing": _gauge("Parts of the classifier in force that are not installed here."),
    "unmapped_language_ratio": _gauge("Running share of feedback without a category.", ("language",), seen_here=True),
    "noise_ratio": _gauge("Share of a team's alerts that were noise, as people said.", ("team",)),
    "silence_hidden_customers": _gauge("Customers that a silence hides.", ("silence",)),
    "silence_growth_ratio": _gauge("What a silence hides of the last day over what breaks it.", ("silence",)),
    "silences_ended_total": _counter("Silences that came to their end, by how.", ("how",)),
    "critical_silenced_total": _counter("Critical feedback that a silence kept from its team, as its author wanted."),
    "build_info": _gauge("What runs here.", ("version", "relay_guarantee", "clock")),
    "playbook_info": _gauge("The playbook decided by.", ("digest",)),
    "copies_total": _counter("Feedback copied to a further team's alert."),
    "orphans_total": _counter("Feedback that is not quiet and that no team in particular owns.", ("reason",)),
    "skipped_records_total": _counter("Records that retention took unread.", ("topic", "partition")),
    "retries_total": _counter("Batches tried again.", ("reason",)),
    "relayed_total": _counter("Records published by the relay."),
    "orphan_alerts": _gauge("Alerts open in teams that the active playbook does not have."),
    "arbitration_age_seconds": _gauge("Age of the oldest alert in arbitration that nobody acknowledged."),
    "ticker_rounds_total": _counter("Rounds that the ticker got through."),
    "degraded": _gauge("Whether this replica finds a fault in what all of them share.", ("fault",)),
    "instances_forgotten_total": _counter("Process instances forgotten for their age."),
    "refiled_total": _counter("Feedback that a person filed otherwise, by the method that had filed it.", ("method",)),
    "erasures_total": _counter("Requests to erase that were done."),
    "erasures_open": _gauge("Requests to erase that are not done."),
    "oldest_erasure_seconds": _gauge("Age of the oldest request to erase that is not done."),
    "retention_removed_total": _counter("Rows and texts removed for their age.", ("class",)),
    "denied_total": _counter("Requests refused for who asked.", ("reason",)),
}


class PrometheusMeter:
    """Implements Meter, with a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics = {name: self._made(name, shape) for name, shape in SHAPES.items()}
        self._series: dict[tuple[Metric, tuple[str, ...]], Counter | Gauge | Histogram] = {}
        self._counts: dict[Metric, int] = {}

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        series = self._of(metric, labels)
        if isinstance(series, Counter) and by > 0:
            series.inc(by)

    def put(self, metric: Metric, *labels: str, value: float) -> None:
        series = self._of(metric, labels)
        if isinstance(series, Gauge):
            series.set(value)

    def observe(self, metric: Metric, *labels: str, value: float) -> None:
        series = self._of(metric, labels)
        if isinstance(series, Histogram):
            series.observe(value)

    def forget(self, metric: Metric) -> None:
        """Drop every series of a metric that has labels."""
        if SHAPES[metric].labels:
            self._metrics[metric].clear()
            self._series = {key: series for key, series in self._series.items() if key[0] != metric}
            self._counts.pop(metric, None)

    def figures(self) -> dict[str, list[Sample]]:
        """Return every sample by its metric."""
        return {
            name: [(one.name, one.labels, one.value) for family in metric.collect() for one in family.samples]
            for name, metric in self._metrics.items()
        }

    def text(self, others: Sequence[Mapping[str, Sequence[Sample]]] = ()) -> bytes:
        """Return the exposition that /metrics answers with, together with what other processes counted."""
        return generate_latest(_Joined(self, others) if others else self.registry)

    def _of(self, metric: Metric, labels: tuple[str, ...]) -> Counter | Gauge | Histogram | None:
        """Return a series; None where a metric has too many, so that a flood of labels cannot take all memory."""
        series = self._series.get((metric, labels))
        if series is None:
            if self._counts.get(metric, 0) >= MOST_SERIES:
                return None
            parent = self._metrics[metric]
            series = parent.labels(*labels) if labels else parent
            self._series[metric, labels] = series
            self._counts[metric] = self._counts.get(metric, 0) + 1
        return series

    def _made(self, name: Metric, shape: Shape) -> Counter | Gauge | Histogram:
        full = PREFIX + name
        match shape.kind:
            case Kind.COUNTER:
                return Counter(full, shape.says, shape.labels, registry=self.registry)
            case Kind.GAUGE:
                return Gauge(full, shape.says, shape.labels, registry=self.registry)
            case Kind.SECONDS:
                return Histogram(full, shape.says, shape.labels, buckets=_SECONDS, registry=self.registry)
            case Kind.ROWS:
                return Histogram(full, shape.says, shape.labels, buckets=_ROWS, registry=self.registry)
            case never:
                assert_never(never)


class _Joined:
    """One exposition of what several processes counted; each has every metric, if not every series."""

    def __init__(self, own: PrometheusMeter, others: Sequence[Mapping[str, Sequence[Sample]]]) -> None:
        self._figures = [own.figures(), *others]

    def collect(self) -> Iterator[Family]:
        for name, shape in SHAPES.items():
            full = (PREFIX + name).removesuffix("_total") if shape.kind is Kind.COUNTER else PREFIX + name
            family = Family(full, shape.says, _TYPES[shape.kind])
            for sample in _put_together(shape, (sample for figures in self._figures for sample in figures[name])):
                family.add_sample(*sample)
            yield family


_TYPES = {Kind.COUNTER: "counter", Kind.GAUGE: "gauge", Kind.SECONDS: "histogram", Kind.ROWS: "histogram"}


def _put_together(shape: Shape, samples: Iterable[Sample]) -> Iterator[tuple[str, dict[str, str], float]]:
    values: dict[tuple[str, tuple[tuple[str, str], ...]], list[float]] = {}
    for name, labels, value in samples:
        values.setdefault((name, tuple(labels.items())), []).append(value)
    for (name, pairs), found in values.items():
        if name.endswith("_created"):
            value = min(found)
        elif shape.kind is not Kind.GAUGE:
            value = sum(found)
        else:
            value = fmean(found) if shape.seen_here else max(found)
        yield name, dict(pairs), value
