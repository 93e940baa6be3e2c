"""What a consumer is given, and what can go wrong. Words are plain text: one of a later release breaks nothing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class Alert(BaseModel):
    """An alert as the API shows it; `model_extra` has the fields that are not named here."""

    model_config = ConfigDict(extra="allow", frozen=True)

    alert_id: str
    team: str
    title: str
    state: str
    severity: str
    kind: str
    category: str
    process: str
    revision: int
    first_seen: datetime
    last_seen: datetime


class Told(BaseModel):
    """One record of a team's topic: `id` is its idempotency key, `data` the notice or digest."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    type: str
    time: datetime
    data: Mapping[str, Any]

    @property
    def alert_id(self) -> str | None:
        """The alert that a notice tells of; None of a digest."""
        return self.data.get("alert_id")

    @property
    def place(self) -> tuple[str, int]:
        """What it is about, and which of the messages about that it is."""
        return (self.id, 1) if self.alert_id is None else (self.alert_id, self.data["revision"])


class ClientError(Exception):
    """Nothing was done."""


class OutOfReachError(ClientError):
    """The service, or Kafka, did not answer as often as it was asked. Of an act it is not known whether it was done.

    Asked again under the same key, it is done once.
    """


class RefusedError(ClientError):
    """The service said no; `kind` is the last part of the problem's URN, such as `already-resolved`."""

    def __init__(self, kind: str, status: int, detail: str) -> None:
        super().__init__(f"{kind} ({status}): {detail}")
        self.kind = kind
        self.status = status
        self.detail = detail


class OutOfDateError(RefusedError):
    """The alert has been told of again since; `now` is the alert as it stands, to decide by anew."""

    def __init__(self, detail: str, now: Alert) -> None:
        super().__init__("stale-revision", 409, detail)
        self.now = now
