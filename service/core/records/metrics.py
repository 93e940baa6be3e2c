"""What is counted, measured and timed: the closed vocabulary of deploy/docs/operations.md, without prefix.

The labels of each, in their order, are the adapter's table; none is ever an id, a customer or a text.
"""

from typing import Literal, Protocol

Metric = Literal[
    "records_total",
    "verdicts_total",
    "rejected_total",
    "notices_total",
    "deliveries_total",
    "deliveries_dead_total",
    "delivery_age_seconds",
    "breaker_open",
    "alerts_open",
    "oldest_unacked_seconds",
    "batch_seconds",
    "batch_records",
    "end_to_end_seconds",
    "stage_seconds",
    "lag_records",
    "outbox_age_seconds",
    "timer_lag_seconds",
    "fenced_total",
    "link_total",
    "category_total",
    "unmapped_ratio",
    "classifier_said_total",
    "classifier_abstained_total",
    "classifier_info",
    "classifier_parts_missing",
    "unmapped_language_ratio",
    "noise_ratio",
    "silence_hidden_customers",
    "silence_growth_ratio",
    "silences_ended_total",
    "critical_silenced_total",
    "build_info",
    "playbook_info",
    "copies_total",
    "orphans_total",
    "skipped_records_total",
    "retries_total",
    "relayed_total",
    "orphan_alerts",
    "arbitration_age_seconds",
    "ticker_rounds_total",
    "degraded",
    "instances_forgotten_total",
    "refiled_total",
    "erasures_total",
    "erasures_open",
    "oldest_erasure_seconds",
    "retention_removed_total",
    "denied_total",
]


class Meter(Protocol):
    """Where figures go. Labels are given in the order of the metric's own."""

    def add(self, metric: Metric, *labels: str, by: float = 1) -> None:
        """Count up."""
        ...

    def put(self, metric: Metric, *labels: str, value: float) -> None:
        """Say what something is now."""
        ...

    def observe(self, metric: Metric, *labels: str, value: float) -> None:
        """Add one to a distribution."""
        ...

    def forget(self, metric: Metric) -> None:
        """Drop what a gauge said, under every label, before it is said anew."""
        ...
