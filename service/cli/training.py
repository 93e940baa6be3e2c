"""`train` and `evaluate`: a classifier from labelled lines, and how good one is on lines that it has not seen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from service.adapters.english import valences
from service.adapters.model_files import write_model
from service.cli.speech import answer, fail, open_rules, say
from service.cli.vectors import encoders, load, static_ones, teachers
from service.core.pipeline.rules import Rules
from service.core.playbook.model import Playbook

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
    teacher: Annotated[
        list[str] | None,
        typer.Option(help="An encoder that teaches the model: minilm, use, a folder, or none. Default: all installed."),
    ] = None,
    encoder: Annotated[
        list[str] | None, typer.Option(help="An encoder to be asked about unsure texts ever after: as above.")
    ] = None,
    asked: Annotated[
        float, typer.Option(min=0, max=1, help="The share of texts, the least sure, that it is to be asked about.")
    ] = 0.1,
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
        slow = encoders(encoder or [])
        trained = train(
            lines,
            seed=seed,
            vectors={**static_ones(), **slow},
            slow=slow,
            unsure=asked,
            teachers=teachers(teacher or []),
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
    encoder: Annotated[
        list[str] | None, typer.Option(help="The folder of an encoder that it was trained with.")
    ] = None,
    predictions: Annotated[Path | None, typer.Option(help="Write what is said of each line into this file.")] = None,
) -> None:
    """Judge keywords and model together on labelled lines, and print the figures."""
    from service.training import climb, evaluate, unknown_labels  # noqa: PLC0415 - as above

    rules = open_rules(playbook)
    lines = _read(labelled, rules)
    loaded = rules.classifier if model is None else load(model, encoder or [])
    known = {category.id for category in rules.playbook.taxonomy} | set(loaded.categories if loaded else ())
    unknown = unknown_labels(lines, known)
    if unknown:
        _list_unknown(labelled, unknown)
        say("Neither the playbook nor the model has these categories, so that their lines count as wrong.")
    said = climb(lines, rules, loaded)
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


def names_of(playbook: Playbook) -> Mapping[str, str]:
    """Say in words what each category of a taxonomy is."""
    return {one.id: " ".join((*dict.fromkeys(one.label.values()), one.definition)).strip() for one in playbook.taxonomy}


def _list_unknown(path: Path, unknown: Mapping[str, Sequence[int]]) -> None:
    for label, numbers in list(unknown.items())[:_MOST_SHOWN]:
        say(f"{path}:{numbers[0]}: unknown label {label!r}, on {len(numbers)} line{'' if len(numbers) == 1 else 's'}.")
    if len(unknown) > _MOST_SHOWN:
        say(f"{path}: {len(unknown) - _MOST_SHOWN} further unknown labels are not shown.")
