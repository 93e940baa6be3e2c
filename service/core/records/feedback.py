"""What READ makes of one consumed record, in pipeline order: message, feedback, category, signals."""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct, field

from service.core.records.erasing import Erasure
from service.core.records.heard import ModelSaid
from service.core.records.identities import Reference
from service.core.records.steps import Step
from service.core.records.words import CategoryMethod, Change, FeedbackKind, Flag, SentimentSource, Stage


class Message(Struct, frozen=True, kw_only=True):
    """One record as the transport gave it; `received_at` is the broker's time of it, aware."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    received_at: datetime


class Rejected(Struct, frozen=True, kw_only=True):
    """A record that no decision can be made of. `detail` names fields and types, never their content."""

    stage: Stage
    reason: str
    detail: str = ""


class Metric(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A score as given: the raw value and its scale are kept, so that a band can be recomputed."""

    kind: str
    raw: float
    scale_min: float
    scale_max: float
    higher_is_better: bool


class Keys(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a feedback says of the process instance it is about.

    `business_within` and `order_within` are the processes that were named with these keys, without which they are none.
    `references` are numbers in its text that are written as the playbook says, `loose` those that nearly are.
    `merged_into` is the ticket that its own ticket is now part of, `is_own` says that it named no ticket but itself.
    """

    instance: str | None = None
    business_key: str | None = None
    business_within: str | None = None
    ticket: str | None = None
    order: str | None = None
    order_within: str | None = None
    references: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    merged_into: str | None = None
    is_own: bool = False


class Merge(Struct, frozen=True, kw_only=True):
    """What one event says of a ticket: it is part of another now. Of several events that of the highest rank holds."""

    ticket: str
    into: str
    at: datetime
    event_id: str

    @property
    def rank(self) -> tuple[datetime, str]:
        """What decides between two events of the ticket: the greater holds."""
        return (self.at, self.event_id)


class Feedback(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One accepted survey response or ticket change: normalised, its text redacted, its customer a pseudonym.

    `subject` is the response or ticket; `revision` orders the states of one subject, with time and id behind it.
    """

    event_id: str
    source: str
    subject: str
    revision: int
    occurred_at: datetime
    received_at: datetime
    kind: FeedbackKind
    change: Change
    event_type: str
    text: str = ""
    question: str = ""
    language: str = "und"
    channel: str | None = None
    metrics: tuple[Metric, ...] = ()
    labels: tuple[str, ...] = ()
    customer: str = ""
    tier: str | None = None
    region: str | None = None
    segment: str | None = None
    process: str | None = None
    keys: Keys = Keys()
    survey: str | None = None
    relationship: bool = False
    touchpoint: str | None = None
    group: str | None = None
    priority: str | None = None
    status: str | None = None
    done: bool = False
    sla_breached: bool = False
    reopen_count: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[Flag, ...] = ()


class Categorised(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The primary category, up to three in all, and what decided; `unmapped` where nothing did.

    `model` is what a classifier said of it, where the playbook has one.
    `stage` and `outcome` are the categories of the other axes, None where nothing named one.
    """

    category: str
    confidence: float
    method: CategoryMethod
    categories: tuple[str, ...] = ()
    matched: tuple[str, ...] = ()
    model: ModelSaid | None = None
    stage: str | None = None
    outcome: str | None = None


class Signals(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What severity is made of, read from one feedback alone; None says that nothing was given.

    `negativity` 0..1 comes from scores or a ticket's priority, `sentiment` -1..1 and `negative_text` 0..1 from the
    text, each of which has a source where it is given.
    """

    negativity: float | None = None
    scored: bool = False
    sentiment: float | None = None
    sentiment_source: SentimentSource | None = None
    negative_text: float | None = None
    text_source: SentimentSource | None = None
    hot: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()


class FeedbackRead(Struct, frozen=True, kw_only=True):
    """A feedback with all that can be said of it without looking at any other."""

    feedback: Feedback
    categorised: Categorised
    signals: Signals


class Instance(Struct, frozen=True, kw_only=True):
    """A process instance: aware times, `keys` by which feedback can name it, its customer as a pseudonym.

    `completed_at` is when the process itself said that the instance was completed, which no ticket can say. `begun_at`
    is its latest start: after `ended_at` it says that the instance runs anew. What ends in `_at` behind a
    field's name, such as `tier_at`, is when that was said last.
    `late_at` is when somebody has to look whether it is late, `late_told` whether an alert was opened since it was.
    `references` are those of its id and keys that are written as the playbook says, in canonical form.
    `updated_at` is when it was told of last, while all other times are of what happened.
    """

    instance_id: str
    process: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    completed_at: datetime | None = None
    keys: tuple[str, ...] = ()
    customer: str | None = None
    tier: str | None = None
    region: str | None = None
    version: str | None = None
    updated_at: datetime
    begun_at: datetime | None = None
    customer_at: datetime | None = None
    tier_at: datetime | None = None
    region_at: datetime | None = None
    version_at: datetime | None = None
    late_at: datetime | None = None
    late_told: bool = False
    references: tuple[str, ...] = ()

    @property
    def over_at(self) -> datetime | None:
        """When it ended; None while it runs, and where it was started again after its end."""
        if self.ended_at is not None and self.begun_at is not None and self.begun_at > self.ended_at:
            return None
        return self.ended_at

    @property
    def aged_at(self) -> datetime:
        """Since when it may be forgotten some day: its end or, while it runs, when it was told of last."""
        return self.over_at or self.updated_at


class Downtime(Struct, frozen=True, kw_only=True):
    """What one event says of a stretch in which a process did not run as it should.

    With None for `ended_at` it still lasts. A source names a downtime by `downtime_id`. `region` None is every region
    of the process. Of several events of one downtime that of the highest `rank` holds.
    """

    source: str
    downtime_id: str
    process: str
    region: str | None = None
    started_at: datetime
    ended_at: datetime | None = None
    planned: bool = False
    occurred_at: datetime
    event_id: str

    @property
    def name(self) -> tuple[str, str]:
        """What its events have in common."""
        return (self.source, self.downtime_id)

    @property
    def rank(self) -> tuple[datetime, str]:
        """What decides between two events of the downtime: the greater holds."""
        return (self.occurred_at, self.event_id)


class Recorded(Struct, frozen=True, kw_only=True):
    """An accepted record that is not feedback: a process event, downtime, an erasure."""

    event_id: str
    source: str
    event_type: str
    occurred_at: datetime


class Reading(Struct, frozen=True, kw_only=True):
    """A readable record: its identity, its time, and what it says; a ticket may be an instance as well.

    An event of the process engine is `Recorded`, with what it says of an instance, its step or a downtime beside that.
    `references` are those of its customer that bear a type, in order. By `event_marks` and `subject_marks` it is known
    again once it is erased; `erasure` is what it asks to be forgotten.
    """

    event_id: str
    source: str
    occurred_at: datetime
    said: FeedbackRead | Recorded
    instance: Instance | None = None
    downtime: Downtime | None = None
    step: Step | None = None
    references: tuple[Reference, ...] = ()
    # What follows from the names above is no difference between two readings.
    event_marks: tuple[str, ...] = ()
    subject_marks: tuple[str, ...] = ()
    erasure: Erasure | None = None
