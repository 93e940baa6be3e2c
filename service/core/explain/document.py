"""The explanation of one feedback as people and programs read it, over HTTP and from the command line alike."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from service.core.playbook.conditions import Held
from service.core.records.words import Abstained, CategoryMethod, ModelUse, RouteReason, SentimentSource, Severity

Utc = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]


class Told(BaseModel):
    """One part of an explanation."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class Standing(StrEnum):
    """What a feedback calls for by itself, whatever alerts there are."""

    ALERT = "alert"
    NOT_NEGATIVE = "not_negative"
    BELOW_FLOOR = "below_floor"
    TOO_OLD = "too_old"


class Applies(StrEnum):
    """What an alert waits for now; `none` where nothing is due any more."""

    WAIT = "wait"
    INTERVAL = "interval"
    DIGEST = "digest"
    REPEAT = "repeat"
    AUTO_CLOSE = "auto_close"
    NONE = "none"


class Predicate(Told):
    """What a node wanted of a field and what was found; of a long list `wanted` has the first values.

    `field` is `when` for a condition, whose expression is what was wanted.
    """

    field: str
    wanted: tuple[str, ...]
    found: str
    said: str


class Operand(Told):
    """One of the conditions that have to hold together; `error` where it can not be judged without the others."""

    expression: str
    held: Held


class TriedRoute(Told):
    """A node that the search came by; without a parent it is a child of the root. `failed` is None where it matched."""

    route: str
    parent: str | None
    failed: Predicate | None
    operands: tuple[Operand, ...] = ()


class Claim(Told):
    """A team that owns the matter, and by which of its claims."""

    team: str
    owns: Mapping[str, tuple[str, ...]]


class ModelTold(Told):
    """What the classifier of the digest `model` made of the text, what became of that, and why it abstained if it did.

    `matched` are the words of the text that spoke most for its first category.
    """

    model: str
    use: ModelUse
    said: str
    categories: tuple[str, ...]
    confidence: float
    abstained: Abstained | None
    matched: tuple[str, ...]


class CategoryTold(Told):
    """What a feedback is about, by which method; `matched` are the labels, keywords or words that decided."""

    category: str
    confidence: float
    method: CategoryMethod
    categories: tuple[str, ...]
    matched: tuple[str, ...]
    model: ModelTold | None


class OwnerTold(Told):
    team: str
    route: str
    reason: RouteReason
    said: str
    candidates: tuple[Claim, ...]


class CopyTold(Told):
    team: str
    route: str


class RoutesTold(Told):
    """`tried` has the first nodes in the order of the search, `total` counts them all."""

    tried: tuple[TriedRoute, ...]
    total: int
    owner: OwnerTold
    copies: tuple[CopyTold, ...]


class SeverityTold(Told):
    """`sources` says where a part comes from, `conflict` which source of the text contradicts the score."""

    severity: Severity
    score: float
    negative: bool
    override: str | None
    contacts: int
    parts: Mapping[str, float]
    sources: Mapping[str, str]
    conflict: SentimentSource | None


class KeyTold(Told):
    """`alert_key` is `v1:` and the sha256 of `hashed`, in hexadecimal."""

    fields: Mapping[str, str]
    team_in_key: bool
    hashed: str
    alert_key: str


class HomeTold(Told):
    """The alert that holds the feedback: its id is the uuid5 of `named_by` in `namespace`, unless it was handed over.

    `same_key` is False where the feedback stays in an alert of another key, since its subject is there.
    """

    alert_id: str
    alert_key: str
    episode: int
    namespace: str
    named_by: str
    derived: bool
    same_key: bool


class TimerTold(Told):
    """Lengths in seconds; `set_by` is the route that says so, or `fatigue`."""

    seconds: tuple[int, ...]
    said: str
    set_by: str


class TimersTold(Told):
    """The timers of the alert's route, or of the feedback's where it is in none; `due_at` is when `applies` ends."""

    route: str
    wait: TimerTold
    interval: TimerTold
    repeat: TimerTold
    applies: Applies
    due_at: Utc | None


class Muted(Told):
    """What holds notices of the alert: which kind of muter, whose, until when, and why."""

    kind: str
    by: str
    until: Utc | None
    why: str


class OwnerIf(Told):
    """A change of one field that leads to another route; for a condition `field` is `when`, and nothing is promised."""

    field: str
    value: str
    route: str
    team: str | None
    said: str


class Differences(Told):
    """What would have had to differ: each sentence goes on from "if"."""

    category: tuple[str, ...] = ()
    verdict: tuple[str, ...]
    owner: tuple[OwnerIf, ...]
    alert: tuple[str, ...]
    sooner: tuple[str, ...]


class Moved(Told):
    """What this playbook makes of the feedback and what was decided, where they are not the same."""

    what: str
    decided: str
    here: str


class Why(Told):
    """Why one feedback is where it is, computed anew under `playbook` at `at` from what is stored of it.

    `as_stored` names what was taken as it was decided then.
    """

    playbook: str
    at: Utc
    standing: Standing
    category: CategoryTold
    severity: SeverityTold
    routes: RoutesTold
    key: KeyTold
    alert: HomeTold | None
    timers: TimersTold
    muted: tuple[Muted, ...]
    would_differ_if: Differences
    moved: tuple[Moved, ...]
    as_stored: tuple[str, ...]
