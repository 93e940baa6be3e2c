"""A model and the report of its training -> the bytes of its file, and its digest."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

from service.adapters.model_files.arrays import as_bytes, terms_as_bytes
from service.adapters.model_files.content import packed
from service.adapters.model_files.document import (
    FORMAT,
    Document,
    FamiliarityPart,
    HeadPart,
    StagePart,
    TonePart,
    ViewPart,
)
from service.core.classify import (
    DenseView,
    Head,
    LexicalView,
    Model,
    NearHead,
    QuestionView,
    Stage,
    TaughtView,
    TextView,
    Tone,
    View,
)
from service.core.classify.heads import Floats


def write_model(model: Model, report: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the file and its digest; weights keep the precision of float16, which training has rounded them to.

    Raises:
        ValueError: views of the model are missing, and would be lost.
    """
    if model.missing:
        raise ValueError(f"The model cannot be written without its {', '.join(sorted(model.missing))}.")
    parts: dict[str, bytes] = {}
    for name, view in model.views.items():
        if isinstance(view, TextView | QuestionView | TaughtView):
            parts[f"{name}.words"] = terms_as_bytes(view.terms.words)
            parts[f"{name}.pieces"] = terms_as_bytes(view.terms.pieces)
            parts[f"{name}.weights"] = as_bytes(view.terms.weights)
        if isinstance(view, TaughtView):
            parts[f"{name}.of_terms"] = as_bytes(view.of_terms)
            parts[f"{name}.of_vectors"] = as_bytes(view.of_vectors)
        elif isinstance(view, LexicalView):
            parts[f"{name}.words"] = terms_as_bytes(view.words)
            parts[f"{name}.weights"] = as_bytes(np.array(view.valences))
    for name, head in model.heads.items():
        parts.update({f"head.{name}.{part}": as_bytes(one) for part, one in _arrays(head).items()})
    for name, tones in model.tones.items():
        for at, tone in enumerate(tones):
            parts.update(_parts_of(tone, f"{name}.{at}"))
    for at, stage in enumerate(model.stages):
        centres = stage.familiarity.prototypes
        parts.update({f"stage.{at}.{view}": as_bytes(one) for view, one in centres.items()})
    document = Document(
        format=FORMAT,
        categories=model.categories,
        views={name: _view(view) for name, view in model.views.items()},
        heads={
            name: HeadPart(
                views=tuple(sorted(head.views)),
                temperature=head.temperature,
                centres=len(head.centres) if isinstance(head, NearHead) else 0,
                sharpness=head.sharpness if isinstance(head, NearHead) else 0.0,
            )
            for name, head in model.heads.items()
        },
        stages=tuple(map(_stage, model.stages)),
        tones={
            name: tuple(
                TonePart.model_validate(
                    {
                        "views": sorted(one.weights),
                        "levels": one.levels,
                        "places": one.places,
                        "offsets": one.offsets,
                        "kernel": one.kernel and {"scales": dict(one.kernel.scales), "bias": one.kernel.bias},
                        "slow": one.slow,
                    }
                )
                for one in tones
            )
            for name, tones in model.tones.items()
        },
        report=dict(report),
    )
    parts["model.json"] = orjson.dumps(document.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
    return packed(parts)


def _parts_of(tone: Tone, name: str) -> Mapping[str, bytes]:
    parts = {f"tone.{name}.{view}": as_bytes(one) for view, one in tone.weights.items()}
    parts[f"tone.{name}.bias"] = as_bytes(tone.bias)
    if tone.kernel is not None:
        parts[f"kernel.{name}.weights"] = as_bytes(tone.kernel.weights)
        parts.update({f"kernel.{name}.{view}": as_bytes(one) for view, one in tone.kernel.centres.items()})
    return parts


def _arrays(head: Head | NearHead) -> Mapping[str, Floats]:
    if isinstance(head, NearHead):
        return {
            "bias": head.bias,
            "shift": head.shift,
            "turn": head.turn,
            "centres": head.centres,
            "weights": head.weights,
        }
    return {"bias": head.bias, **head.weights}


def _view(view: View) -> ViewPart:
    if isinstance(view, DenseView):
        return ViewPart(kind="dense", digest=view.vectors.digest, width=view.width)
    if isinstance(view, TaughtView):
        return ViewPart(kind="taught", digest=view.vectors.digest, width=view.width)
    if isinstance(view, LexicalView):
        return ViewPart(kind="lexical")
    return ViewPart(kind="question" if isinstance(view, QuestionView) else "text")


def _stage(stage: Stage) -> StagePart:
    one = stage.familiarity
    return StagePart(
        shares=dict(stage.shares),
        offsets=tuple(stage.offsets.tolist()),
        temperature=stage.temperature,
        curve=None if stage.curve is None else (tuple(stage.curve.said.tolist()), tuple(stage.curve.right.tolist())),
        familiarity=FamiliarityPart(
            scales=dict(one.scales), prototypes=tuple(sorted(one.prototypes)), threshold=one.threshold
        ),
        below=stage.below,
    )
