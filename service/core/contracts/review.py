"""`review.{local,formal}.{opened,closed}.v1`: what is counted in a cell calls for action, or no longer does."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from service.core.contracts.values import Count, EventId, Instant, Label, Labels, Outgoing, Ref, Share
from service.core.records.words import CellMeasure, Level


class ReviewChange(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"


class Cell(Outgoing):
    """What is counted together: one category in one process, in one region where the playbook asks for that."""

    process: Ref
    category: Ref
    region: Label | None = None


class Window(Outgoing):
    """Whole UTC days, from `start` up to but without `end`."""

    start: date
    end: date


class Review(Outgoing):
    """`x` negatives of `customers` distinct customers were seen where `expected` were due, at odds of `p`.

    With `measure` recontact these are closed cases after which the customer came back, by the day they were closed.
    """

    idempotency_key: EventId
    alert_id: Ref
    change: ReviewChange
    level: Level
    team: Ref
    measure: CellMeasure = CellMeasure.VOLUME
    cell: Cell
    window: Window
    x: Count
    expected: Annotated[float, Field(ge=0)]
    p: Share | None = None
    ratio: Annotated[float, Field(ge=0)] | None = None
    customers: Count
    method: Label
    flags: Labels = ()
    at: Instant
    playbook: Ref
