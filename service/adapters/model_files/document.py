"""What a model's file says in JSON, `model.json`; beside it are its arrays and terms, named after what they are of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

# Format 1 had no kernels, and no tones that are slow; it is read as well.
FORMAT: Literal[2] = 2

_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ViewPart(_Part):
    """`digest` and `width` are those of a dense view's vectors, or of a taught one's."""

    kind: Literal["text", "question", "lexical", "dense", "taught"]
    digest: str = ""
    width: int = 0


class HeadPart(_Part):
    """`centres` and `sharpness` are those of a head that goes by nearness; one that is linear has none."""

    views: tuple[_Name, ...]
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    centres: Annotated[int, Field(ge=0)] = 0
    sharpness: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class KernelPart(_Part):
    """`scales` are by view."""

    scales: dict[_Name, _Finite] = Field(min_length=1)
    bias: _Finite


class TonePart(_Part):
    """`offsets` are there where the levels are three sides."""

    views: tuple[_Name, ...]
    levels: Annotated[tuple[_Finite, ...], Field(min_length=2, max_length=20)]
    places: Annotated[tuple[_Finite, ...], Field(min_length=2, max_length=20)]
    offsets: tuple[_Finite, _Finite, _Finite] | tuple[()] = ()
    kernel: KernelPart | None = None
    slow: bool = False


class FamiliarityPart(_Part):
    scales: dict[_Name, tuple[_Finite, Annotated[float, Field(gt=0, allow_inf_nan=False)]]] = Field(min_length=1)
    prototypes: tuple[_Name, ...]
    threshold: _Finite


class StagePart(_Part):
    """`curve` is what is said and how much of it is right."""

    shares: dict[_Name, _Finite] = Field(min_length=1)
    offsets: tuple[_Finite, ...]
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    curve: tuple[tuple[_Finite, ...], tuple[_Finite, ...]] | None
    familiarity: FamiliarityPart
    below: _Finite | None


class Document(_Part):
    format: Literal[1, 2]
    categories: Annotated[tuple[_Name, ...], Field(min_length=2, max_length=5_000)]
    views: dict[_Name, ViewPart]
    heads: dict[_Name, HeadPart]
    stages: Annotated[tuple[StagePart, ...], Field(min_length=1, max_length=10)]
    tones: dict[_Name, tuple[TonePart, ...]]
    report: dict[str, Any]
