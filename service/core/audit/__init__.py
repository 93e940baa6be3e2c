"""What people did -> entries that hang on one another by their hashes; and whether a chain is whole: docs/audit.md."""

from service.core.audit.chain import GENESIS, AuditFault, Fault, Verification, hash_of, seal, verify
from service.core.audit.cutting import cut_before, cut_entry
from service.core.audit.entry import Action, Anchor, AuditOutcome, Entry, Head, ObjectKind, Sealed
from service.core.audit.lines import FORMAT, UnreadableLineError, document, opening, read_opening, read_sealed
from service.core.audit.told import alert_told, named, silence_told, text_told

__all__ = [
    "FORMAT",
    "GENESIS",
    "Action",
    "Anchor",
    "AuditFault",
    "AuditOutcome",
    "Entry",
    "Fault",
    "Head",
    "ObjectKind",
    "Sealed",
    "UnreadableLineError",
    "Verification",
    "alert_told",
    "cut_before",
    "cut_entry",
    "document",
    "hash_of",
    "named",
    "opening",
    "read_opening",
    "read_sealed",
    "seal",
    "silence_told",
    "text_told",
    "verify",
]
