"""What DECIDE makes of a reading: severity, link, route; and the contribution that these add up to."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from msgspec import Struct, field

from service.core.records.feedback import Categorised, Feedback, Signals
from service.core.records.words import (
    FeedbackKind,
    Flag,
    LinkMethod,
    LinkReason,
    LinkStatus,
    Reason,
    RouteReason,
    SentimentSource,
    Settlement,
    Severity,
    Verdict,
)

# Characters of a feedback's text that its contribution keeps.
EXCERPT = 280


class Assessed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How bad a feedback is: `score` 0..100, its parts for the reader, and whether it counts as negative.

    `sources` says for a part where it comes from, `conflict` which source of the text contradicts the score.
    """

    severity: Severity
    score: float
    negative: bool
    parts: Mapping[str, float] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    override: str | None = None
    conflict: SentimentSource | None = None
    contacts: int = 1
    flags: tuple[Flag, ...] = ()

    @property
    def points(self) -> int:
        """The score in whole points, so that sums of many are the same in any order."""
        return round(self.score)


class Link(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which process instance a feedback is about, by which step of the ladder, why, with which confidence 0..1."""

    status: LinkStatus
    method: LinkMethod
    reason: LinkReason
    instance_id: str | None = None
    confidence: float = 0.0
    candidates: tuple[str, ...] = ()


class Tried(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One node of the routing tree whose matcher held, and the predicate that failed all the same, if one did."""

    route: str
    failed: str | None = None


class Target(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert key that a feedback belongs to. `fields` are the declared parts of the key, as the reader sees them."""

    alert_key: str
    route: str
    team: str
    fields: Mapping[str, str]
    copy: bool = False
    team_in_key: bool = True


class Routed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The owner, then one target for each further match through `continue`.

    `tried` has the nodes that were looked at, 20 at most; `ruled_out` counts the others that the search came past.
    Their matchers do not hold, or they were too many to name.
    """

    owner: Target
    copies: tuple[Target, ...] = ()
    reason: RouteReason
    candidates: tuple[str, ...] = ()
    tried: tuple[Tried, ...] = ()
    ruled_out: int = 0
    error: bool = False


class PartKey(Struct, frozen=True, order=True):
    """Names one contribution: a subject's state (`part` empty) or one remark of it (`part` is the event id)."""

    source: str
    subject: str
    part: str = ""


class SettledBy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a complaint was settled, by which answer or ticket (by the event that holds of it), and when that was."""

    how: Settlement
    source: str
    subject: str
    event_id: str
    at: datetime


class Refiled(Struct, frozen=True, kw_only=True):
    """What the ladder makes of a contribution that a person has filed otherwise, and as what it would have begun.

    `part` names the part of its subject that they said it of: a remark without a category of its own has the state's.
    """

    categorised: Categorised
    began_as: str
    part: str = ""


class Contribution(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one subject, or one remark of it, adds to its customer, its cell and its alerts at present.

    It keeps all that is needed to assess it again when an earlier contact of its customer arrives late. The feedback
    kept here has an excerpt for its text. It counts at `began_at`, when its subject was first heard of (as a contact
    about the category `began_as`, which later states do not change): closing a ticket does not move the complaint.
    `done_at` is the event time of the first state since which a ticket has been done without interruption, None while
    it is not; `reopened` says that it was done once and at work again. `settled_by` is derived from what else its
    customer has said: `feedback.done` and `done_at` are what its own source says, and know nothing of it. With
    `refiled` a person has said what it is about. The last fields are what the feedback was told at the time, and how
    many versions of that there have been.
    """

    key: PartKey
    began_at: datetime
    began_as: str
    feedback: Feedback
    categorised: Categorised
    signals: Signals
    link: Link
    assessed: Assessed
    routed: Routed
    process: str
    done_at: datetime | None = None
    reopened: bool = False
    settled_by: SettledBy | None = None
    refiled: Refiled | None = None
    verdict: Verdict | None = None
    reason: Reason | None = None
    alert_id: str | None = None
    versions: int = 1

    @property
    def day(self) -> date:
        """The UTC day by which cells count."""
        return self.began_at.astimezone(UTC).date()

    @property
    def is_counted(self) -> bool:
        """Whether cells of volume count it: it is bad, and a customer's."""
        return self.assessed.negative and self.feedback.kind is not FeedbackKind.EMPLOYEE

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do: its source says so, or its customer's outcome does."""
        return self.feedback.done or self.settled_by is not None


class Moved(Struct, frozen=True, kw_only=True):
    """One contribution as it is after a record; None says that it is withdrawn. `own` marks the record's own.

    With `anew` a person has said what it is about: it goes to the alert of that, not only to the team.
    """

    key: PartKey
    contribution: Contribution | None
    own: bool
    anew: bool = False


class Subject(Struct, frozen=True, kw_only=True):
    """The revision that holds for one response or ticket, and when the subject was first heard of."""

    source: str
    subject: str
    revision: int
    occurred_at: datetime
    event_id: str
    began_at: datetime
    withdrawn: bool = False

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """What decides between two states of the subject: the greater holds."""
        return (self.revision, self.occurred_at, self.event_id)
