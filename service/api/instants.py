"""An instant in a query -> an aware datetime; refused is what an event's time would not be written as."""

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

from service.core.contracts.values import Instant

_INSTANT = TypeAdapter(Instant).json_schema()


def _written_out(given: str) -> str:
    """Let through what is written as an event's time is: left to itself, the parser would take a bare number."""
    if not re.fullmatch(_INSTANT["pattern"], given):
        raise PydanticCustomError("datetime_format", "Input should be an instant such as 2026-05-04T00:00:00Z")
    return given


AskedInstant = Annotated[AwareDatetime, BeforeValidator(_written_out), WithJsonSchema(_INSTANT)]
