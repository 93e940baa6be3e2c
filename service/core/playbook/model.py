"""Playbook: the one document that says what feedback means, who owns it and when a team is told.

The model holds shapes only. What relates two parts of it (an unknown team, an unreachable route) is found by `faults`.
"""

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from service.core.playbook.access import GroupAccess
from service.core.playbook.attention import FORMAL_REVIEW_INHIBITS, Flapping, Inhibition, TeamBudget
from service.core.playbook.calendars import Calendar
from service.core.playbook.channels import Channel, Use
from service.core.playbook.classifier import ClassifierSettings
from service.core.playbook.escalation import Escalation
from service.core.playbook.fields import (
    GROUP_FIELDS,
    Duration,
    Expression,
    Label,
    Matcher,
    Part,
    Slug,
    TeamId,
)
from service.core.playbook.identity import Identity
from service.core.playbook.languages import Languages
from service.core.playbook.linking import Linking
from service.core.playbook.outreach import Outreach
from service.core.playbook.ownership import Ownership
from service.core.playbook.severity import SeverityRules
from service.core.playbook.sources import Source
from service.core.playbook.suite import Case
from service.core.playbook.taxonomy import Category, Crosswalk, TaxonomyReview
from service.core.playbook.volume import Volume
from service.core.records.words import Severity

# The team name that a route uses to say: whoever declares to own this.
OWNER = "owner"


class Process(Part):
    """A business process whose instances feedback is linked to; one is to be completed within `sla` of its start.

    `touchpoints` are the places at which customers meet it, as feedback names them.
    """

    id: Slug
    name: Label
    team: TeamId
    aliases: tuple[Label, ...] = ()
    touchpoints: Annotated[tuple[Label, ...], Field(max_length=100)] = ()
    sla: Duration | None = None


class HighValue(Part):
    """Whose cases have to end within the `sla` of their process; `team` is told, by default that of the process."""

    tiers: Annotated[tuple[Label, ...], Field(min_length=1, max_length=100)]
    team: TeamId | None = None
    severity: Severity = Severity.HIGH


class AtRisk(Part):
    """How many unresolved cases, begun how close to one another, put a customer at risk, and who is told."""

    cases: Annotated[int, Field(ge=2, le=100)] = 3
    within: Duration = timedelta(days=30)
    team: TeamId
    severity: Severity = Severity.HIGH


class Team(Part):
    """A team with a queue; `owns` lists what it answers for. Without a `calendar` it has that of `fatigue`."""

    id: TeamId
    name: Label
    owns: tuple[Ownership, ...] = ()
    budget: TeamBudget | None = None
    calendar: Slug | None = None
    ladder: Slug | None = None
    channels: Annotated[tuple[Use, ...], Field(max_length=20)] = ()


class Timing(Part):
    """How long notices of an alert wait. A route inherits what it leaves out."""

    wait: Duration | None = None
    interval: Duration | None = None
    repeat: tuple[Duration, ...] | None = None


class Route(Timing):
    """A named node of the routing tree: first match wins, unless it says `continue`.

    What is less severe than `floor` opens and joins no alert by it; inherited, at last from `fatigue`.
    """

    id: Slug
    match: Matcher = {}
    when: Expression | None = None
    team: TeamId | None = None
    group_by: Annotated[tuple[str, ...], Field(max_length=20)] | None = None
    floor: Severity | None = None
    continue_: Annotated[bool, Field(alias="continue")] = False
    routes: tuple["Route", ...] = ()

    @model_validator(mode="after")
    def _keyed_by_known_fields(self) -> Self:
        for name in self.group_by or ():
            if name not in GROUP_FIELDS and not name.startswith("attributes."):
                message = f"group_by: {name!r} can not be a key; use one of {', '.join(sorted(GROUP_FIELDS))}"
                raise ValueError(message)
        if self.group_by == ():
            message = "group_by: an empty key would put every feedback into one alert; name at least one field"
            raise ValueError(message)
        return self


class Routing(Route):
    """The root of the tree: it matches everything and so names the team of last resort."""

    id: Slug = "root"
    arbitration: TeamId

    @model_validator(mode="after")
    def _catches_all(self) -> Self:
        if self.match or self.when or self.continue_:
            message = "the root route is the catch-all: it takes no match, when or continue"
            raise ValueError(message)
        if self.team in (None, OWNER):
            message = "the root route needs a team of its own, which gets whatever no other route takes"
            raise ValueError(message)
        return self


class CustomerOutcome(Part):
    """When a complaint in a survey is done: a good answer within `recovered_within`, or the end of its `tickets`."""

    recovered_within: Annotated[Duration, Field(gt=timedelta(0), le=timedelta(days=90))] = timedelta(days=30)
    tickets: bool = True


class Fatigue(Timing):
    """What keeps a queue quiet without losing anything."""

    wait: Duration = timedelta(seconds=60)
    interval: Duration = timedelta(minutes=15)
    repeat: tuple[Duration, ...] = (timedelta(hours=24), timedelta(hours=72))
    floor: Severity = Severity.LOW
    reopen_window: Duration = timedelta(days=7)
    auto_close: Duration = timedelta(days=14)
    ack_expiry: Duration = timedelta(hours=24)
    claim_lease: Duration = timedelta(minutes=30)
    stale_after: Duration = timedelta(days=7)
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 9
    budget: TeamBudget | None = None
    flapping: Flapping | None = Flapping()
    calendar: Slug | None = None
    silence_max: Duration = timedelta(days=30)
    outcome: CustomerOutcome | None = None


class Metrics(Part):
    """How many answers it takes for a figure on a scorecard; below five, single people could be guessed.

    A customer who turns to us within `recontact_days` of the end of a case has come back with it.
    """

    floor: Annotated[int, Field(ge=5, le=10_000)] = 30
    recontact_days: Annotated[int, Field(ge=1, le=30)] = 7


class Contradictions(Part):
    """Who hears where the times of a process say one thing and its feedback another, and how sure both have to be.

    `inside` is the share of instances that are to be completed within the sla, over the last `weeks`.
    """

    arbiter: TeamId
    inside: Annotated[float, Field(gt=0, lt=1)] = 0.95
    weeks: Annotated[int, Field(ge=1, le=52)] = 4
    min_completed: Annotated[int, Field(ge=1, le=1_000_000)] = 30
    min_feedback: Annotated[int, Field(ge=1, le=1_000_000)] = 30


class Privacy(Part):
    """Where phone numbers without a country code are from, and how long things are kept: deploy/docs/privacy.md."""

    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "GB"
    feedback_days: Annotated[int, Field(ge=1, le=4000)] = 400
    instance_days: Annotated[int, Field(ge=1, le=4000)] = 400
    dead_letter_days: Annotated[int, Field(ge=1, le=4000)] = 28
    alert_text_days: Annotated[int, Field(ge=1, le=4000)] = 180
    log_days: Annotated[int, Field(ge=1, le=4000)] = 1095
    audit_days: Annotated[int, Field(ge=1, le=4000)] = 730


class Playbook(Part):
    """The whole document."""

    version: Literal[1] = 1
    name: Label
    sources: dict[Slug, Source] = {}
    taxonomy: tuple[Category, ...] = Field(min_length=1)
    classifier: ClassifierSettings | None = None
    taxonomy_version: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    crosswalk: Crosswalk = {}
    taxonomy_review: TaxonomyReview | None = None
    processes: tuple[Process, ...] = ()
    linking: Linking = Linking()
    languages: Languages = Languages()
    severity: SeverityRules = SeverityRules()
    volume: Volume = Volume()
    teams: tuple[Team, ...] = Field(min_length=1)
    channels: tuple[Channel, ...] = ()
    calendars: dict[Slug, Calendar] = {}
    routes: Routing
    inhibit: Annotated[tuple[Inhibition, ...], Field(max_length=100)] = (FORMAL_REVIEW_INHIBITS,)
    fatigue: Fatigue = Fatigue()
    escalation: Escalation = Escalation()
    high_value: HighValue | None = None
    at_risk: AtRisk | None = None
    metrics: Metrics = Metrics()
    contradictions: Contradictions | None = None
    identity: Identity | None = None
    outreach: Outreach = Outreach()
    privacy: Privacy = Privacy()
    access: Annotated[tuple[GroupAccess, ...], Field(max_length=1_000)] = ()
    tests: tuple[Case, ...] = ()
