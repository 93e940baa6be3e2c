"""The bytes of a model's file, and the vectors that are installed -> the model with its report, or a fault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from pydantic import ValidationError

from service.adapters.model_files.arrays import array_of, terms_of
from service.adapters.model_files.content import unpacked
from service.adapters.model_files.document import FORMAT, Document, HeadPart, KernelPart, StagePart, TonePart, ViewPart
from service.core.classify import (
    TEXT,
    Curve,
    DenseView,
    Familiarity,
    Head,
    Kernel,
    LexicalView,
    Model,
    NearHead,
    QuestionView,
    Stage,
    TaughtView,
    Terms,
    TextView,
    Tone,
    Vectors,
    View,
)
from service.core.classify.model import SENTIMENT, SEVERITY, glance_at
from service.core.classify.stages import energy_of, nearest_to
from service.ports import ModelFault

_DAMAGED = "The model's parts do not fit one another. Train it again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A model, the report of its training, and what is missing of its views: it answers with what remains."""

    model: Model
    report: Mapping[str, Any]

    @property
    def missing(self) -> Mapping[str, str]:
        """The digests of vectors that are not installed, by view."""
        return self.model.missing


def load_model(file: bytes, vectors: Iterable[Vectors] = ()) -> Loaded:
    """Load a model; it takes of `vectors` those with the digests that it was trained with.

    Raises:
        ModelFault: the file holds no model that this release can use.
    """
    parts, digest = unpacked(file)
    document = _document(parts.get("model.json", b""))
    installed = _installed(vectors, {told.digest for told in document.views.values() if told.kind == "dense"})
    views: dict[str, View] = {}
    widths: dict[str, int] = {}
    missing: dict[str, str] = {}
    for name, told in document.views.items():
        view = _view(name, told, parts, installed)
        widths[name] = told.width if view is None else view.width
        if view is None:
            missing[name] = told.digest
        else:
            views[name] = view
    try:
        count = len(document.categories)
        model = Model(
            digest=digest,
            categories=document.categories,
            views=views,
            heads={name: _head(f"head.{name}", one, parts, widths, count) for name, one in document.heads.items()},
            stages=tuple(_stage(at, one, parts, widths, count) for at, one in enumerate(document.stages)),
            tones={
                name: tuple(
                    _tone(f"{name}.{at}", one, parts, {**widths, **_derived(document, at)})
                    for at, one in enumerate(tones)
                )
                for name, tones in document.tones.items()
            },
            missing=missing,
        )
    except (KeyError, ValueError) as error:
        raise ModelFault(_DAMAGED) from error
    _check(model, document)
    return Loaded(model=model, report=document.report)


def _installed(vectors: Iterable[Vectors], wanted: set[str]) -> Mapping[str, Vectors]:
    """Look for what is wanted, and no further, since opening an encoder takes a while."""
    found: dict[str, Vectors] = {}
    looking = iter(vectors)
    while not wanted <= found.keys() and (one := next(looking, None)) is not None:
        found[one.digest] = one
    return found


def _document(text: bytes) -> Document:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise ModelFault("The model's model.json is not there, or no JSON. Train it again.") from error
    if isinstance(told, dict) and isinstance(told.get("format"), int) and told["format"] > FORMAT:
        raise ModelFault(
            f"The model has format {told['format']}, and this release reads up to {FORMAT}: "
            "update the service, or train the model with this release."
        )
    try:
        return Document.model_validate_json(text)
    except ValidationError as error:
        raise ModelFault("The model's model.json is not what training writes. Train it again.") from error


def _view(name: str, told: ViewPart, parts: Mapping[str, bytes], installed: Mapping[str, Vectors]) -> View | None:
    if told.kind == "dense":
        found = installed.get(told.digest)
        return DenseView(found) if found is not None and found.dimension == told.width else None
    if told.kind == "lexical":
        known = terms_of(parts, f"{name}.words")
        return LexicalView(known, tuple(array_of(parts, f"{name}.weights", (len(known),)).tolist()))
    words, pieces = terms_of(parts, f"{name}.words"), terms_of(parts, f"{name}.pieces")
    terms = Terms(words=words, pieces=pieces, weights=array_of(parts, f"{name}.weights", (len(words) + len(pieces),)))
    if told.kind == "taught":
        found = installed.get(told.digest)
        return None if found is None else _taught(name, told, parts, terms, found)
    return TextView(terms) if told.kind == "text" else QuestionView(terms)


def _taught(name: str, told: ViewPart, parts: Mapping[str, bytes], terms: Terms, found: Vectors) -> TaughtView:
    return TaughtView(
        terms=terms,
        vectors=found,
        of_terms=array_of(parts, f"{name}.of_terms", (len(terms), told.width)),
        of_vectors=array_of(parts, f"{name}.of_vectors", (found.dimension, told.width)),
    )


def _head(
    name: str, told: HeadPart, parts: Mapping[str, bytes], widths: Mapping[str, int], count: int
) -> Head | NearHead:
    bias = array_of(parts, f"{name}.bias", (count,))
    if not told.centres:
        weights = {view: array_of(parts, f"{name}.{view}", (widths[view], count)) for view in told.views}
        return Head(weights=weights, bias=bias, temperature=told.temperature)
    (view,) = told.views
    return NearHead(
        view=view,
        shift=array_of(parts, f"{name}.shift", (widths[view],)),
        turn=array_of(parts, f"{name}.turn", (widths[view], widths[view])),
        centres=array_of(parts, f"{name}.centres", (told.centres, widths[view])),
        weights=array_of(parts, f"{name}.weights", (told.centres, count)),
        bias=bias,
        sharpness=told.sharpness,
        temperature=told.temperature,
    )


def _stage(at: int, told: StagePart, parts: Mapping[str, bytes], widths: Mapping[str, int], count: int) -> Stage:
    familiarity = told.familiarity
    if len(told.offsets) != count:
        raise ValueError(told.offsets)
    return Stage(
        shares=told.shares,
        offsets=np.array(told.offsets),
        temperature=told.temperature,
        curve=None if told.curve is None else Curve(np.array(told.curve[0]), np.array(told.curve[1])),
        familiarity=Familiarity(
            scales=familiarity.scales,
            prototypes={
                view: array_of(parts, f"stage.{at}.{view}", (-1, widths[view])) for view in familiarity.prototypes
            },
            threshold=familiarity.threshold,
        ),
        below=told.below,
    )


def _derived(document: Document, at: int) -> Mapping[str, int]:
    """Return the columns of what the tones that look first make of a text, as far as there are any at this place."""
    first = {name: document.tones.get(name, ()) for name in map(glance_at, (SEVERITY, SENTIMENT))}
    return {name: len(tones[at].levels) + 1 for name, tones in first.items() if at < len(tones)}


def _tone(name: str, told: TonePart, parts: Mapping[str, bytes], widths: Mapping[str, int]) -> Tone:
    columns = len(told.levels) + 1
    if len(told.levels) != len(told.places) or len(told.offsets) not in {0, len(told.levels)}:
        raise ValueError(told.levels)
    if any(np.any(np.diff(one) <= 0) for one in (told.levels, told.places)):
        raise ValueError(told.places)
    return Tone(
        weights={view: array_of(parts, f"tone.{name}.{view}", (widths[view], columns)) for view in told.views},
        bias=array_of(parts, f"tone.{name}.bias", (columns,)),
        levels=told.levels,
        places=told.places,
        offsets=told.offsets,
        kernel=None if told.kernel is None else _kernel(f"kernel.{name}", told.kernel, parts, widths),
        slow=told.slow,
    )


def _kernel(name: str, told: KernelPart, parts: Mapping[str, bytes], widths: Mapping[str, int]) -> Kernel:
    weights = array_of(parts, f"{name}.weights", (-1,))
    return Kernel(
        centres={view: array_of(parts, f"{name}.{view}", (len(weights), widths[view])) for view in told.scales},
        scales=told.scales,
        weights=weights,
        bias=told.bias,
    )


def _check(model: Model, document: Document) -> None:
    """See that everything that is named is there, and that the plainest stage needs no vectors."""
    for stage in model.stages:
        signs = {
            *map(energy_of, stage.shares),
            *map(nearest_to, stage.familiarity.prototypes),
        }
        curve = stage.curve
        if (
            not stage.shares.keys() <= model.heads.keys()
            or signs != stage.familiarity.scales.keys()
            or (curve is not None and (len(curve.said) != len(curve.right) or np.any(np.diff(curve.said) < 0)))
        ):
            raise ModelFault(_DAMAGED)
    plainest = model.stages[0]
    of_text = {name for name, view in document.views.items() if view.kind not in {"dense", "taught"}}
    needed = {view for head in plainest.shares for view in model.heads[head].views}
    if TEXT not in of_text or plainest.below is not None or not needed <= of_text or plainest.familiarity.prototypes:
        raise ModelFault(_DAMAGED)
