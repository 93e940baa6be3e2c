"""`train` and `evaluate`: a classifier from labelled lines, and how good one is on lines that it has not seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from service.adapters.encoders import Unavailable, open_encoder
from service.adapters.english import valences
from service.adapters.model_files import write_model
from service.app.opening import open_model, static
from service.cli.speech import answer, fail, open_rules, say
from service.core.classify import ENCODER, STATIC, Vectors
from service.core.pipeline.rules import Rules
from service.core.playbook.model import Playbook
from service.core.records.heard import Classifier
from service.ports import ModelFault

if TYPE_CHECKING:
    from service.training import Labelled

_MOST_SHOWN = 20

PlaybookPath = Annotated[Path, typer.Argument(help="A playbook: one YAML file, or a folder of them.")]
LabelledPath = Annotated[Path, typer.Argument(help="JSON lines: {id, text, language?, question?, labels[]}.")]


def train_command(
    playbook: PlaybookPath,
    labelled: LabelledPath,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Write the model into this file.")],
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Other parts are held out.")] = 1,
    own: Annotated[
        bool, typer.Option("--labels-as-taxonomy", help="Take the labels found as the taxonomy, not the playbook's.")
    ] = False,
    encoder: Annotated[
        str | None, typer.Option(help="Ask a sentence encoder about the least certain texts: minilm, use, or a folder.")
    ] = None,
) -> None:
    """Fit a classifier to labelled lines, choose its settings on held-out parts of them, and print the report."""
    # Imported here: scikit-learn takes most of a second, which no other command should wait for.
    from service.training import train, unknown_labels  # noqa: PLC0415

    rules = open_rules(playbook)
    lines = _read(labelled, rules)
    if not own:
        known = {category.id for category in rules.playbook.taxonomy}
        unknown = unknown_labels(lines, known)
        if unknown:
            _list_unknown(labelled, unknown)
            fail("The playbook's taxonomy has no such categories: correct the labels, or pass --labels-as-taxonomy.")
    try:
        trained = train(
            lines,
            seed=seed,
            vectors=_vectors(encoder),
            slow=(ENCODER,),
            names={} if own else names_of(rules.playbook),
            lexicon=valences(),
            progress=say,
        )
    except ValueError as error:
        fail(f"{labelled}: {error}")
    file, digest = write_model(trained.model, trained.report)
    out.write_bytes(file)
    say(f"Wrote {out}, {len(file) / 1_000_000:.1f} MB.")
    answer({"model": digest, "bytes": len(file), **trained.report})


def evaluate_command(
    playbook: PlaybookPath,
    labelled: LabelledPath,
    *,
    model: Annotated[Path | None, typer.Option(help="What `train` wrote; without it, the playbook's own.")] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write what is said of each line into this file.")] = None,
) -> None:
    """Judge keywords and model together on labelled lines, and print the figures."""
    from service.training import climb, evaluate, unknown_labels  # noqa: PLC0415 - as above

    rules = open_rules(playbook)
    lines = _read(labelled, rules)
    loaded = rules.classifier if model is None else _load(model)
    known = {category.id for category in rules.playbook.taxonomy} | set(loaded.categories if loaded else ())
    unknown = unknown_labels(lines, known)
    if unknown:
        _list_unknown(labelled, unknown)
        say("Neither the playbook nor the model has these categories, so that their lines count as wrong.")
    said = climb(lines, rules.keywords, loaded)
    if predictions is not None:
        with predictions.open("wb") as file:
            for line, one in zip(lines, said, strict=True):
                told = {
                    "id": line.id,
                    "category": one.category,
                    "confidence": one.confidence,
                    "method": one.method.value,
                    "sentiment": one.sentiment,
                    "severity_score": one.severity_score,
                }
                file.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
    answer({"model": loaded.digest if loaded else None, **evaluate(lines, said)})


def _read(path: Path, rules: Rules) -> "Sequence[Labelled]":
    from service.training import read_labelled  # noqa: PLC0415 - as above

    if not path.is_file():
        fail(f"{path}: there is no such file.")
    with path.open("rb") as stream:
        lines, faults = read_labelled(stream, rules.playbook.privacy.phone_region)
    for fault in faults[:_MOST_SHOWN]:
        say(f"{path}:{fault.number}: {fault.message}")
    if faults:
        fail(f"{path}: {len(faults)} line{'' if len(faults) == 1 else 's'} at fault; nothing was done.")
    return lines


def _load(path: Path) -> Classifier:
    if not path.is_file():
        fail(f"{path}: there is no such file.")
    try:
        opened = open_model(path.read_bytes())
    except ModelFault as fault:
        fail(f"{path}: {fault}")
    for view in opened.missing:
        say(f"{path}: its {view} vectors are not installed; the model answers without them, less well.")
    return opened.classifier


def names_of(playbook: Playbook) -> Mapping[str, str]:
    """Say in words what each category of a taxonomy is."""
    return {one.id: " ".join((*dict.fromkeys(one.label.values()), one.definition)).strip() for one in playbook.taxonomy}


def _list_unknown(path: Path, unknown: Mapping[str, Sequence[int]]) -> None:
    for label, numbers in list(unknown.items())[:_MOST_SHOWN]:
        say(f"{path}:{numbers[0]}: unknown label {label!r}, on {len(numbers)} line{'' if len(numbers) == 1 else 's'}.")
    if len(unknown) > _MOST_SHOWN:
        say(f"{path}: {len(unknown) - _MOST_SHOWN} further unknown labels are not shown.")


def _vectors(encoder: str | None) -> Mapping[str, Vectors]:
    """Open the static vectors, and an encoder where one was asked for."""
    found: dict[str, Vectors] = {}
    table = static()
    if isinstance(table, Unavailable):
        say(f"Trained without static word vectors, and so less well: {table.told}.")
    else:
        found[STATIC] = table
    if encoder is not None:
        opened = open_encoder(encoder)
        if isinstance(opened, Unavailable):
            fail(f"--encoder {encoder}: {opened.told}.")
        found[ENCODER] = opened
    return found
