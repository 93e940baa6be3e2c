"""A stored contribution and a playbook -> what that playbook makes of it: severity, process and route.

Only an excerpt of the text is stored, and no other rows are at hand; so what hangs on these is taken as it was stored,
and `AS_STORED` says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.core.assess import assess
from service.core.pipeline.assessing import routing_facts
from service.core.pipeline.rules import Rules
from service.core.records.decisions import Assessed, Contribution, Routed
from service.core.records.feedback import FeedbackRead
from service.core.records.words import UNASSIGNED, LinkStatus
from service.core.route import route

AS_STORED = (
    "category, language and what its words say (sentiment, hot words, overrides): of the text only an excerpt is kept",
    "how negative its score and priority are",
    "the process that it names, under the aliases of then, and the instance that it is linked to",
    "how many contacts its customer had made by then",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What was computed anew, and the facts that it was routed by."""

    assessed: Assessed
    process: str
    routed: Routed
    facts: Mapping[str, Any]
    at: datetime


def again(one: Contribution, rules: Rules) -> Again:
    """Judge and route a contribution as if it came now; with the playbook that decided it, the result is the same."""
    said = FeedbackRead(feedback=one.feedback, categorised=one.categorised, signals=one.signals)
    how_bad = assess(one.feedback, one.signals, one.assessed.contacts, rules.playbook.severity)
    process = one.process
    if one.link.status is not LinkStatus.LINKED:
        process = one.feedback.process or rules.process_of.get(one.categorised.category) or UNASSIGNED
    facts = routing_facts(said, one.link, process, how_bad)
    at = one.feedback.occurred_at
    routed = route(facts, rules.routes, rules.holds, at)
    return Again(assessed=how_bad, process=process, routed=routed, facts=facts, at=at)
