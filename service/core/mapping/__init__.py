"""A tool's own payload, mapped without code: `compile_source` once a playbook, `map_record` for each message."""

from service.core.mapping.compile import CompiledSource, SourceFault, compile_source
from service.core.mapping.record import Mapped, Skipped, map_record
from service.core.mapping.signature import SignatureCheck, signature_valid

__all__ = [
    "CompiledSource",
    "Mapped",
    "SignatureCheck",
    "Skipped",
    "SourceFault",
    "compile_source",
    "map_record",
    "signature_valid",
]
