"""What the loops and the API need of the outside, said without naming a technology.

Adapters raise the errors named here and nothing else for trouble that is not a bug.
"""

from service.ports.access import (
    Attempt,
    Auditor,
    Denied,
    Keys,
    Look,
    NoAuditor,
    NotVouchedError,
    Provider,
    Sessions,
    Vouched,
)
from service.ports.acting import Actor, Keyed, Silencer
from service.ports.acts import ActsRead
from service.ports.archive import Archive, Shelf
from service.ports.audit import Audit, AuditPlace, AuditWanted, Chain
from service.ports.books import Books, add_books
from service.ports.channels import Courier, Parcel
from service.ports.checked import Checked
from service.ports.corrections import CorrectionPlace, CorrectionsRead, CorrectionsWanted, Refiler, correction_place
from service.ports.deliveries import (
    Admit,
    ChannelCounts,
    Claimed,
    Deliveries,
    DeliveriesRead,
    DeliveriesWanted,
    Ended,
    Landed,
)
from service.ports.desk import (
    Desk,
    DigestPlace,
    Letter,
    QueuePlace,
    ReviewPlace,
    Shelved,
    Wanted,
    digest_place,
    queue_place,
    review_place,
)
from service.ports.erasing import Erasing, ErasurePlace, ErasuresRead, Retention, erasure_place
from service.ports.errors import (
    ConflictError,
    FencedError,
    OutcomeUnknownError,
    OutOfReachError,
    RefusedError,
    StalePlaybookError,
    TooLargeError,
)
from service.ports.heads import Head, Heads
from service.ports.identities import Identities, Parter
from service.ports.intake import Headers, Original, Originals, Sender
from service.ports.lives import Forgetting, Known, Lives
from service.ports.models import MOST_BYTES, ModelFault, Models, OpenedModel, OpenModel, StoredModel
from service.ports.outcomes import Outcomes
from service.ports.recorded import Recorded
from service.ports.relay import Numbered, Outbox, Outgoing
from service.ports.scores import Scores
from service.ports.silences import (
    CRITICAL_REASONS,
    MOST_EXAMPLES,
    NO_INTERRUPTS,
    Example,
    Part,
    Previewed,
    SilencePlace,
    SilencesWanted,
    silence_place,
)
from service.ports.store import Answer, Consumed, DeadLetter, Lease, PartitionKey, Saving, Store, Transaction
from service.ports.tracks import Span, Tracked, Tracks
from service.ports.watch import Degraded, Fault, Lookout, Queues, Waiting

__all__ = [
    "CRITICAL_REASONS",
    "MOST_BYTES",
    "MOST_EXAMPLES",
    "NO_INTERRUPTS",
    "Actor",
    "ActsRead",
    "Admit",
    "Answer",
    "Archive",
    "Attempt",
    "Audit",
    "AuditPlace",
    "AuditWanted",
    "Auditor",
    "Books",
    "Chain",
    "ChannelCounts",
    "Checked",
    "Claimed",
    "ConflictError",
    "Consumed",
    "CorrectionPlace",
    "CorrectionsRead",
    "CorrectionsWanted",
    "Courier",
    "DeadLetter",
    "Degraded",
    "Deliveries",
    "DeliveriesRead",
    "DeliveriesWanted",
    "Denied",
    "Desk",
    "DigestPlace",
    "Ended",
    "Erasing",
    "ErasurePlace",
    "ErasuresRead",
    "Example",
    "Fault",
    "FencedError",
    "Forgetting",
    "Head",
    "Headers",
    "Heads",
    "Identities",
    "Keyed",
    "Keys",
    "Known",
    "Landed",
    "Lease",
    "Letter",
    "Lives",
    "Look",
    "Lookout",
    "ModelFault",
    "Models",
    "NoAuditor",
    "NotVouchedError",
    "Numbered",
    "OpenModel",
    "OpenedModel",
    "Original",
    "Originals",
    "OutOfReachError",
    "Outbox",
    "OutcomeUnknownError",
    "Outcomes",
    "Outgoing",
    "Parcel",
    "Part",
    "Parter",
    "PartitionKey",
    "Previewed",
    "Provider",
    "QueuePlace",
    "Queues",
    "Recorded",
    "Refiler",
    "RefusedError",
    "Retention",
    "ReviewPlace",
    "Saving",
    "Scores",
    "Sender",
    "Sessions",
    "Shelf",
    "Shelved",
    "SilencePlace",
    "Silencer",
    "SilencesWanted",
    "Span",
    "StalePlaybookError",
    "Store",
    "StoredModel",
    "TooLargeError",
    "Tracked",
    "Tracks",
    "Transaction",
    "Vouched",
    "Waiting",
    "Wanted",
    "add_books",
    "correction_place",
    "digest_place",
    "erasure_place",
    "queue_place",
    "review_place",
    "silence_place",
]
