"""What every answer over HTTP has in common."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

Utc = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]


class Shown(BaseModel):
    """One JSON object that the API answers with."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)
