"""`models`: trained models into the database, and what is there."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from service.adapters.postgres import PostgresModels
from service.adapters.postgres.pool import Pool
from service.app.instruments import INSTRUMENTS
from service.app.opening import open_model
from service.cli.operations import with_database
from service.cli.speech import answer, at_the_terminal, fail, say
from service.core.describe import instant
from service.ports import MOST_BYTES, ModelFault, StoredModel
from service.runtime.classifiers import Classifiers

models = typer.Typer(help="Store trained models, and list them.", no_args_is_help=True)


@models.command("add")
def add_models(files: Annotated[list[Path], typer.Argument(help="Model files, as `train` writes them.")]) -> None:
    """Open each file and store it under its digest, for a playbook to name."""
    for file in files:
        if not file.is_file():
            fail(f"{file}: there is no such file.")
        if file.stat().st_size > MOST_BYTES:
            fail(f"{file}: a model has at most {MOST_BYTES} bytes.")

    async def run(pool: Pool) -> None:
        classifiers = Classifiers(PostgresModels(pool), open_model, lambda: datetime.now(UTC), INSTRUMENTS)
        doer = at_the_terminal()
        for file in files:
            try:
                model, new = await classifiers.keep(file.stem, await asyncio.to_thread(file.read_bytes), doer)
            except ModelFault as fault:
                fail(f"{file}: {fault}")
            answer({**_shown(model), "new": new})

    with_database(run)
    say("A playbook turns to a model by its digest: `classifier: {model: DIGEST}`.")


@models.command("list")
def list_models() -> None:
    """List the models in the database, one JSON object a line, the latest first."""

    async def run(pool: Pool) -> None:
        for model in await PostgresModels(pool).models():
            answer(_shown(model))

    with_database(run)


def _shown(model: StoredModel) -> dict[str, Any]:
    return {
        "digest": model.digest,
        "name": model.name,
        "size": model.size,
        "stored_at": instant(model.stored_at),
    }
