"""Why a record was refused at the border, as a value that holds no customer text."""

from dataclasses import dataclass
from enum import StrEnum

from service.core.records.words import Stage


class FaultReason(StrEnum):
    """The closed list of reasons, in the order in which they are looked for."""

    TOMBSTONE = "tombstone"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MODE = "unsupported_mode"
    BAD_ENCODING = "bad_encoding"
    NUL_BYTE = "nul_byte"
    TOO_DEEP = "too_deep"
    BROKEN_JSON = "broken_json"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_ID = "missing_id"
    MISSING_SOURCE = "missing_source"
    MISSING_TYPE = "missing_type"
    UNKNOWN_TYPE = "unknown_type"
    BAD_TIME = "bad_time"
    SCORE_OFF_SCALE = "score_off_scale"
    WRONG_TYPE = "wrong_type"
    INVALID_FIELD = "invalid_field"
    EXPRESSION_FAILED = "expression_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One refusal. `detail` is a path of declared names and a kind of fault: `data.metrics[0].raw: missing`."""

    reason: FaultReason
    detail: str
    stage: Stage = Stage.INTAKE
