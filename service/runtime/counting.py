"""What a batch did -> figures. A replica counts what it committed itself."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from service.core.pipeline.read import ReadRecord
from service.core.pipeline.rules import Rules
from service.core.records.corrections import Correction
from service.core.records.feedback import FeedbackRead, Reading
from service.core.records.metrics import Meter, Metric
from service.core.records.muting import Silence
from service.core.records.words import UNMAPPED, Outcome
from service.runtime.batch import Ran

# The weight of one more feedback in the running share of unmapped ones.
_WEIGHT = 0.02


def count_batch(meter: Meter, topic: str, ran: Ran) -> None:
    books = ran.books
    meter.observe("batch_seconds", value=ran.seconds)
    meter.observe("batch_records", value=books.consumed)
    counts = {
        Outcome.ACCEPTED: books.accepted,
        Outcome.DUPLICATE: books.duplicate,
        Outcome.SUPERSEDED: books.superseded,
        Outcome.REJECTED: sum(books.rejected.values()),
    }
    for outcome, count in counts.items():
        meter.add("records_total", topic, outcome.value, by=count)
    for (stage, reason), count in books.rejected.items():
        meter.add("rejected_total", stage, reason, by=count)
    for (team, verdict), count in books.verdicts.items():
        meter.add("verdicts_total", team, verdict, by=count)
    for method, count in books.methods.items():
        meter.add("category_total", method, by=count)
    for (status, method), count in books.links.items():
        meter.add("link_total", status, method, by=count)
    meter.add("copies_total", by=books.copies)
    for reason, count in books.orphans.items():
        meter.add("orphans_total", reason, by=count)
    meter.add("critical_silenced_total", by=ran.critical_silenced)
    count_notices(meter, ran.notices)


def count_notices(meter: Meter, notices: Mapping[tuple[str, str], int]) -> None:
    for (team, reason), count in notices.items():
        meter.add("notices_total", team, reason, by=count)


def count_ends(meter: Meter) -> Callable[[Silence], None]:
    """Return what counts each silence that came to its end."""

    def count(silence: Silence) -> None:
        if silence.ended_by is not None:
            meter.add("silences_ended_total", silence.ended_by.value)

    return count


def count_heard(meter: Meter, records: Iterable[ReadRecord]) -> None:
    """Count what became of what the classifier said, and why it said nothing."""
    uses: Counter[str] = Counter()
    abstained: Counter[str] = Counter()
    for record in records:
        if isinstance(record.read, Reading) and isinstance(record.read.said, FeedbackRead):
            said = record.read.said.categorised.model
            if said is not None:
                uses[said.use.value] += 1
                if said.abstained is not None:
                    abstained[said.abstained.value] += 1
    for use, count in uses.items():
        meter.add("classifier_said_total", use, by=count)
    for reason, count in abstained.items():
        meter.add("classifier_abstained_total", reason, by=count)


def count_refiled(meter: Meter) -> Callable[[Correction], None]:
    """Return what counts each correction by how the ladder had filed what it is of."""
    return lambda correction: meter.add("refiled_total", correction.given.method.value)


class UnmappedShare:
    """The running share of feedback that got no category, by playbook source or topic, and by language.

    A language for which the playbook has no words is `other`.
    """

    def __init__(self) -> None:
        self._shares: dict[tuple[Metric, str], float] = {}

    def count(self, meter: Meter, records: Iterable[ReadRecord], rules: Rules) -> None:
        seen: Counter[tuple[Metric, str, bool]] = Counter()
        for record in records:
            if isinstance(record.read, Reading) and isinstance(record.read.said, FeedbackRead):
                topic = record.message.topic
                label = rules.topics[topic].name if topic in rules.topics else topic
                said = record.read.said
                language = said.feedback.language if said.feedback.language in rules.languages else "other"
                unmapped = said.categorised.category == UNMAPPED
                seen["unmapped_ratio", label, unmapped] += 1
                seen["unmapped_language_ratio", language, unmapped] += 1
        for metric, label in {(metric, label) for metric, label, _ in seen}:
            total = seen[metric, label, True] + seen[metric, label, False]
            share = seen[metric, label, True] / total
            kept = (1 - _WEIGHT) ** total
            held = kept * self._shares.get((metric, label), share) + (1 - kept) * share
            self._shares[metric, label] = held
            meter.put(metric, label, value=held)
