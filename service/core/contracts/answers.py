"""What was answered: scores on their scales, words, and choices.

A score that lies off its own scale is refused: any band computed from it would be wrong in a way that nobody sees.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from service.core.contracts.values import Contract, Label, Labels, Number, Ref, Text
from service.core.records.words.word import Word

OFF_SCALE = "score_off_scale"


class MetricKind(Word):
    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    BINARY = "binary"
    RATING = "rating"


class Orientation(StrEnum):
    HIGHER_BETTER = "higher_better"
    LOWER_BETTER = "lower_better"


class Scored(Contract):
    """A raw score beside the scale that it was given on; nothing is converted here."""

    raw: Number
    scale_min: Number
    scale_max: Number
    orientation: Orientation = Orientation.HIGHER_BETTER

    @model_validator(mode="after")
    def _on_scale(self) -> Self:
        if self.scale_min >= self.scale_max:
            raise PydanticCustomError("scale_empty", "scale_min must be below scale_max")
        if not self.scale_min <= self.raw <= self.scale_max:
            raise PydanticCustomError(OFF_SCALE, "raw must lie between scale_min and scale_max")
        return self


class NpsMetric(Scored):
    kind: Literal[MetricKind.NPS]
    scale_min: Number = 0.0
    scale_max: Number = 10.0
    question_id: Ref | None = None


class CsatMetric(Scored):
    kind: Literal[MetricKind.CSAT]
    scale_min: Number = 1.0
    scale_max: Number = 5.0
    question_id: Ref | None = None


class CesMetric(Scored):
    """The orientation must be given: both the 'effort' and the 'ease' wording of this question are in use."""

    kind: Literal[MetricKind.CES]
    orientation: Orientation
    scale_min: Number = 1.0
    scale_max: Number = 7.0
    question_id: Ref | None = None


class BinaryMetric(Scored):
    kind: Literal[MetricKind.BINARY]
    scale_min: Number = 0.0
    scale_max: Number = 1.0
    question_id: Ref | None = None


class RatingMetric(Scored):
    kind: Literal[MetricKind.RATING]
    scale_min: Number = 1.0
    question_id: Ref | None = None


Metric = Annotated[NpsMetric | CsatMetric | CesMetric | BinaryMetric | RatingMetric, Field(discriminator="kind")]
Metrics = Annotated[tuple[Metric, ...], Field(max_length=50, fail_fast=True)]


class Verbatim(Contract):
    """`language` is a BCP 47 tag as the source gave it; `redacted` says that personal facts are already removed.

    `question` is what was asked, in words; it helps a classifier to understand short answers.
    """

    text: Text
    question_id: Ref | None = None
    question: Label | None = None
    language: Label | None = None
    redacted: bool = False
    pii_classes: Labels = ()


class Choice(Contract):
    question_id: Ref
    values: Labels = ()


Verbatims = Annotated[tuple[Verbatim, ...], Field(max_length=50, fail_fast=True)]
Choices = Annotated[tuple[Choice, ...], Field(max_length=100, fail_fast=True)]
