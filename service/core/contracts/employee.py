"""`feedback.employee.v1`: what someone who works in the process says about it.

It names a team and no person: there is no field for the author, and one that a source adds is not read.
"""

from service.core.contracts.answers import Choices, Metrics, Verbatims
from service.core.contracts.parties import Consent, Correlation
from service.core.contracts.survey import ResponseState
from service.core.contracts.values import Contract, Count, Instant, Label, Labels, Ref


class EmployeeFeedback(Contract):
    """`team` is where the author works, which is not always the team that will own the feedback."""

    feedback_id: Ref
    revision: Count | None = None
    state: ResponseState = ResponseState.COMPLETE
    submitted_at: Instant | None = None
    team: Ref | None = None
    role: Label | None = None
    region: Label | None = None
    channel: Label | None = None
    metrics: Metrics = ()
    verbatims: Verbatims = ()
    choices: Choices = ()
    source_labels: Labels = ()
    correlation: Correlation | None = None
    consent: Consent | None = None
