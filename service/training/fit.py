"""Labelled lines -> a model. Settings are chosen by held-out parts of the lines, then all of them are learnt."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

import numpy as np

from service.core.classify import QUESTION, TAUGHT, TEXT, Familiarity, Model, Stage, Vectors
from service.core.classify.heads import Floats, log_sum
from service.core.classify.stages import energy_of, nearest_to
from service.core.classify.terms import Rows
from service.training.choosing import Kept, best_fusion, keep_best, weighed_fusion
from service.training.familiar import prototypes, scales_of, threshold
from service.training.fusing import Fusion
from service.training.held_out import PARTS, HeldOut, Known, hold_out
from service.training.labelled import Labelled
from service.training.looking import asked_of, dense_views, lexical_view, rows_of
from service.training.recipes import few, recipes
from service.training.solving import fit_recipe
from service.training.teaching import Lesson
from service.training.tone import fit_tones

# How many of the held-out texts in scope are kept. Where lines out of scope say that such texts are to be expected,
# more of the others may be lost for them.
KEPT = 0.95
KEPT_WITHOUT_OTHERS = 0.99
NO_LEXICON: Mapping[str, float] = MappingProxyType({})
# Which share of texts, the least certain, is worth asking a slow encoder about; and more than any confidence.
UNSURE = 0.1
_ALWAYS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A model without a digest, which its file gives it, and the report of its training."""

    model: Model
    report: Mapping[str, Any]


def train(  # noqa: PLR0913 - each is one thing that a training is given
    lines: Sequence[Labelled],
    *,
    seed: int,
    vectors: Mapping[str, Vectors],
    teachers: Mapping[str, Vectors] = MappingProxyType({}),
    names: Mapping[str, str] = MappingProxyType({}),
    slow: Collection[str] = (),
    unsure: float = UNSURE,
    lexicon: Mapping[str, float] = NO_LEXICON,
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Fit a model; `vectors` by the name of their view, of which those in `slow` are asked about unsure texts alone.

    `unsure` is the share of texts that counts as that, 1 for all.

    Where there are `teachers`, a view learns from them to see in words what they see; they are not asked again.
    What a category is called, in `names` or else its id in words, is learnt as one more text of it: with ten lines a
    class that is worth a point. `lexicon` gives words their valences, -4 to 4, which tell of severity and sentiment.

    Raises:
        ValueError: fewer than two labels have lines.
    """
    spoken = [one for one in lines if one.text.strip()]
    inside = [one for one in spoken if one.labels]
    outside = [one for one in spoken if not one.labels]
    categories = tuple(sorted({one.labels[0] for one in inside}))
    if len(categories) < 2:  # noqa: PLR2004 - a single class needs no classifier.
        raise ValueError(f"{len(categories)} of the labels have lines; a classifier needs two.")
    place = {category: at for at, category in enumerate(categories)}
    classes = np.array([place[one.labels[0]] for one in inside], np.intp)
    # Where lines are many, a name is one text that nobody wrote, and asked no question.
    called = [Labelled(id="", text=names.get(one, in_words(one))) for one in categories] if few(classes) else []
    learnt = [*inside, *called]
    dense = rows_of(dense_views(vectors), learnt)
    known = Known(
        lines=learnt,
        classes=np.append(classes, np.arange(len(called))).astype(np.intp),
        count=len(categories),
        dense=dense,
        lesson=_lesson(vectors, dense, teachers, slow, learnt),
        named=len(called),
    )
    views = known.views()
    tried = recipes(
        classes,
        asks=QUESTION in views,
        dense=sorted(set(vectors) - set(slow)),
        taught=sorted({TAUGHT} & set(views)),
        slow=sorted(set(vectors) & set(slow)),
    )
    held = hold_out(known, tried, seed, progress)
    kept, told = keep_best(held.logits, classes)
    progress("the whole")
    rows = known.rows(views)
    centres = {view: prototypes(rows[view], known.classes, seed) for view in vectors}
    stages: list[Stage] = []
    fused: list[Fusion] = []
    for used in _dense_of_stages(vectors, slow):
        taught = [TAUGHT] if used and TAUGHT in views else []
        able = [name for name, one in kept.items() if {TEXT, QUESTION, *used, *taught}.issuperset(one.recipe.views)]
        fusion = (weighed_fusion if few(classes) else best_fusion)(kept, able, classes)
        fused.append(fusion)
        familiarity = _familiarity(fusion, kept, held, {view: centres[view] for view in used}, outside=bool(outside))
        stages.append(
            Stage(
                shares=fusion.shares,
                offsets=fusion.offsets,
                temperature=fusion.temperature,
                curve=fusion.curve,
                familiarity=familiarity,
                # Who is unsure is for the stage before to say.
                below=_below(fused[-2], unsure) if any(view in slow for view in used) else None,
            )
        )
    shared = {name for stage in stages for name in stage.shares}
    heads = {
        name: replace(
            fit_recipe(kept[name].recipe, rows, known.classes, len(categories)), temperature=kept[name].temperature
        )
        for name in sorted(shared)
    }
    views |= dense_views(vectors)
    views |= lexical_view(lexicon)
    toned = fit_tones(spoken, views, sorted(set(vectors) - set(slow)), seed, slow=sorted(set(vectors) & set(slow)))
    model = Model(
        digest="",
        categories=categories,
        views=views,
        heads=heads,
        stages=tuple(stages),
        tones=toned.tones,
    )
    report = {
        "n": len(inside),
        "kept": KEPT if outside else KEPT_WITHOUT_OTHERS,
        "out_of_scope": len(outside),
        "categories": dict(zip(categories, np.bincount(classes).tolist(), strict=True)),
        "seed": seed,
        "held_out": {
            "parts": PARTS,
            "stages": [_told(stage, fusion, kept) for stage, fusion in zip(stages, fused, strict=True)],
        },
        "out_of_scope_found": _found(model, outside),
        "tried": told,
        "tones": toned.report,
        "columns": {name: view.width for name, view in views.items()},
        "vectors": {name: one.digest for name, one in vectors.items()},
        "teachers": {name: one.digest for name, one in teachers.items()},
        "versions": {package: version(package) for package in ("numpy", "scipy", "scikit-learn")},
    }
    return Trained(model=model, report=report)


def in_words(category: str) -> str:
    """Return an id as somebody would say it."""
    return " ".join(re.findall(r"[^\W_]+", category))


def _told(stage: Stage, fusion: Fusion, kept: Mapping[str, Kept]) -> Mapping[str, Any]:
    return {
        "heads": {kept[name].recipe.told: share for name, share in fusion.shares.items()},
        "temperature": fusion.temperature,
        "calibration": "temperature" if fusion.curve is None else "isotonic",
        "accuracy": round(fusion.accuracy, 4),
        "macro_f1": round(fusion.macro_f1, 4),
        "ece": round(fusion.ece, 4),
        "threshold": stage.familiarity.threshold,
        "below": stage.below,
    }


def _found(model: Model, outside: Sequence[Labelled]) -> float | None:
    """Return which share of the lines out of scope the model abstains from."""
    if not outside:
        return None
    heard = model.hear(asked_of(outside))
    return round(sum(one.abstained is not None for one in heard) / len(heard), 4)


def _lesson(
    vectors: Mapping[str, Vectors],
    dense: Mapping[str, Rows],
    teachers: Mapping[str, Vectors],
    slow: Collection[str],
    lines: Sequence[Labelled],
) -> Lesson | None:
    """Return what there is to learn from the teachers, if there are quick vectors to begin with."""
    quick = sorted(set(vectors) - set(slow))
    if not teachers or not quick:
        return None
    asked = {name: one for name, one in teachers.items() if name not in dense}
    taught_by = {**dense, **rows_of(dense_views(asked), lines)}
    return Lesson(
        vectors=vectors[quick[0]], plain=dense[quick[0]], taught_by={name: taught_by[name] for name in teachers}
    )


def _below(fusion: Fusion, share: float) -> float:
    return _ALWAYS if share >= 1 else fusion.unsure(share)


def _dense_of_stages(vectors: Collection[str], slow: Collection[str]) -> Sequence[Sequence[str]]:
    """Return the dense views of each stage: none, the quick ones, all."""
    quick = sorted(set(vectors) - set(slow))
    return [(), *([quick] if quick else []), *([sorted(vectors)] if slow else [])]


def _familiarity(
    fusion: Fusion, kept: Mapping[str, Kept], held: HeldOut, centres: Mapping[str, Floats], *, outside: bool
) -> Familiarity:
    signs = {
        **{energy_of(name): log_sum(kept[name].logits) for name in fusion.shares},
        **{nearest_to(view): held.nearest[view] for view in centres},
    }
    open_to_all = Familiarity(scales=scales_of(signs), prototypes=centres, threshold=-np.inf)
    familiar = open_to_all.sum(signs)
    return replace(open_to_all, threshold=threshold(familiar, KEPT if outside else KEPT_WITHOUT_OTHERS))
