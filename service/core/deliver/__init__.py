"""A notice, a team's channels, and what became of earlier attempts -> what is sent where, when, and what it says.

Nothing is sent here. Every delivery ends with a state and, where it was not sent, a reason; the rules in words are
deploy/docs/channels.md.
"""

from service.core.deliver.addresses import is_allowed
from service.core.deliver.attempts import Next, after, outcome_of_status
from service.core.deliver.choosing import (
    ChosenUse,
    Payloads,
    of_acknowledgement,
    of_digest,
    of_handover,
    of_notice,
    of_test,
    uses_of,
)
from service.core.deliver.folding import Plan, plan
from service.core.deliver.gate import admit, heard
from service.core.deliver.said import Said, event_of, said

__all__ = [
    "ChosenUse",
    "Next",
    "Payloads",
    "Plan",
    "Said",
    "admit",
    "after",
    "event_of",
    "heard",
    "is_allowed",
    "of_acknowledgement",
    "of_digest",
    "of_handover",
    "of_notice",
    "of_test",
    "outcome_of_status",
    "plan",
    "said",
    "uses_of",
]
