"""What every command shares: how it ends, how it prints, and how it opens a playbook."""

import getpass
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import orjson
import typer
from rich.console import Console

from service.adapters.playbook_files import LocatedFault, format_faults, load, models_beside
from service.app.instruments import INSTRUMENTS
from service.app.opening import open_model
from service.core.consult import unknown_names
from service.core.pipeline.rules import Rules, compile_playbook
from service.core.playbook.model import Playbook
from service.core.pseudonym import PseudonymKey
from service.core.records.doer import Doer, Means
from service.core.records.heard import Classifier
from service.ports import ModelFault
from service.runtime.classifiers import strangers

AT_FAULT = 1
OUT_OF_REACH = 3

talk = Console(stderr=True, highlight=False)

# Decisions made without a secret of one's own can be repeated by anybody, which is what offline commands are for.
_PUBLIC = PseudonymKey(key_id="public", secret=b"feedback-router offline")


def say(message: str) -> None:
    """Talk to the person at the terminal."""
    talk.print(message, markup=False, soft_wrap=True)


def answer(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print a result for a program, sorted and on one line."""
    sys.stdout.buffer.write(orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.flush()


def fail(message: str, code: int = AT_FAULT) -> NoReturn:
    """End the command with a sentence that says what to do."""
    say(message)
    raise typer.Exit(code)


def at_the_terminal() -> Doer:
    """Name who runs the command, as this machine knows them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that no name belongs to.
        name = f"uid {os.getuid()}"
    return Doer(name=name, means=Means.COMMAND)


def open_rules(playbook: Path) -> Rules:
    """Load and compile a playbook, or end with every fault of it."""
    return open_playbook(playbook)[0]


def open_playbook(playbook: Path) -> tuple[Rules, tuple[LocatedFault, ...]]:
    """Load and compile a playbook, with the model that it names from its folder, or end with every fault of it.

    Its warnings are returned with it.
    """
    if not playbook.exists():
        fail(f"{playbook}: there is no such file or folder.")
    loaded = load(playbook)
    if loaded.playbook is None:
        talk.print(format_faults(loaded.faults), end="", markup=False, soft_wrap=True)
        fail(f"{playbook}: {len(loaded.faults)} fault{'' if len(loaded.faults) == 1 else 's'}; nothing was run.")
    classifier = _classifier(playbook, loaded.playbook)
    return compile_playbook(loaded.playbook, classifier, instruments=INSTRUMENTS), loaded.warnings


def _classifier(path: Path, playbook: Playbook) -> Classifier | None:
    if playbook.classifier is None:
        return None
    for file in models_beside(path):
        try:
            opened = open_model(file.read_bytes())
        except (ModelFault, OSError) as fault:
            say(f"{file}: {fault}")
            continue
        if opened.classifier.digest != playbook.classifier.model:
            continue
        if opened.missing:
            say(f"{file}: what it lacks here: {', '.join(opened.missing)}; it answers with what remains.")
        unknown = unknown_names(opened.classifier.categories, playbook.taxonomy)
        if unknown:
            fail(f"{path}: classifier.model: {strangers(unknown)}.")
        return opened.classifier
    folder = (path if path.is_dir() else path.parent) / "models"
    fail(f"{path}: classifier.model: no file {folder}/*.model is the model {playbook.classifier.model}; put it there.")


def offline_key() -> PseudonymKey:
    """Take the service's own pseudonym key where the environment has it, else the public one, and say which."""
    secret = os.environ.get("FEEDBACK_ROUTER_PSEUDONYM_KEY")
    if not secret:
        say("Customers are pseudonyms under the public offline key; set FEEDBACK_ROUTER_PSEUDONYM_KEY for your own.")
        return _PUBLIC
    key_id = os.environ.get("FEEDBACK_ROUTER_PSEUDONYM_KEY_ID", "k1")
    return PseudonymKey(key_id=key_id, secret=secret.encode())
