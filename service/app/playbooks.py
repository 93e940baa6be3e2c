"""A playbook's file and the shelf -> the rules to start with, and those that become active later.

A file that the shelf has never seen becomes the active playbook at the start. One that it has seen does not: somebody
may have activated another since. Models that lie beside it are stored either way.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import structlog

from service.adapters.memory import MemoryStore
from service.adapters.playbook_files import Loaded, faults_json, format_faults, load, load_text, models_beside
from service.core.pipeline.rules import Rules
from service.core.pseudonym import PseudonymKey
from service.ports import Checked, ModelFault, OutcomeUnknownError, OutOfReachError, Shelf
from service.runtime.classifiers import Classifiers, ModelMissingError
from service.runtime.rulebook import RulesFor
from service.runtime.suite import Outcome, run_case

log = structlog.get_logger()

# A playbook's own tests are its author's inventions: nobody is hidden by this key.
_CASE_KEY = PseudonymKey(key_id="case", secret=b"a playbook's own tests")


class PlaybookError(Exception):
    """There is no playbook to decide by; the message says why, with every fault."""


async def first_rules(path: Path | None, shelf: Shelf, classifiers: Classifiers, now: datetime) -> Rules:
    """Return the rules of the active playbook, after activating the file's if it is new.

    Raises:
        PlaybookError: the file has faults, no playbook was ever active, or its model is not stored.
    """
    given = None if path is None else await _put_up(path, shelf, classifiers, now)
    active = await shelf.active()
    if active is None:
        raise PlaybookError("no playbook is active: set FEEDBACK_ROUTER_PLAYBOOK to a file or folder")
    if given is not None and active[0] != given:
        log.warning("playbook_file_is_not_active", file=given, active=active[0])
    try:
        return await _compiled(load_text(active[1]), classifiers)
    except (ModelMissingError, ModelFault) as fault:
        raise PlaybookError(f"the active playbook's classifier: {fault}") from fault


def rules_from(shelf: Shelf, classifiers: Classifiers) -> RulesFor:
    """Return how a rulebook gets the rules of a digest."""

    async def rules_for(digest: str) -> Rules:
        documents = await shelf.documents(digest)
        if documents is None:
            raise OutOfReachError(f"playbook {digest} is not on the shelf")
        try:
            return await _compiled(load_text(documents), classifiers)
        except ModelMissingError as missing:
            raise OutOfReachError(str(missing)) from missing

    return rules_for


async def check(classifiers: Classifiers, documents: Mapping[str, str]) -> Checked:
    """Find the faults of a playbook that somebody sent, those that its own tests find among them."""
    loaded = await asyncio.to_thread(load_text, documents)
    if loaded.playbook is None:
        return Checked(rules=None, faults=faults_json(loaded.faults))
    try:
        rules = await classifiers.compiled(loaded.playbook)
    except (ModelMissingError, ModelFault) as fault:
        return Checked(rules=None, faults=[_fault("classifier.model", str(fault))])
    return await asyncio.to_thread(_tested, rules, loaded)


async def _put_up(path: Path, shelf: Shelf, classifiers: Classifiers, now: datetime) -> str:
    """Activate a file's playbook if it is new, and store the models beside it; return its digest."""
    given = load(path)
    if given.playbook is None:
        raise PlaybookError(format_faults(given.faults).rstrip())
    await _keep_beside(path, classifiers)
    if await shelf.documents(given.digest) is None:
        checked = await check(classifiers, given.documents)
        if checked.rules is None:
            raise PlaybookError("\n".join(f"{one['path']}: {one['message']}" for one in checked.faults))
        await _activate(shelf, given, path.name, now)
        log.info("playbook_activated", digest=given.digest)
    return given.digest


async def _keep_beside(path: Path, classifiers: Classifiers) -> None:
    for file in await asyncio.to_thread(models_beside, path):
        try:
            model, new = await classifiers.keep(file.stem, await asyncio.to_thread(file.read_bytes))
        except (ModelFault, OSError) as fault:
            # Only if the playbook names it does it matter, and then the check says so.
            log.warning("model_beside_playbook_is_not_stored", file=file.name, reason=str(fault))
            continue
        if new:
            log.info("model_stored", digest=model.digest, name=model.name)


async def _activate(shelf: Shelf, given: Loaded, name: str, now: datetime) -> None:
    try:
        await shelf.activate(given.digest, name, given.documents, now)
    except OutcomeUnknownError as lost:
        if await shelf.documents(given.digest) is None:
            raise OutOfReachError(f"the playbook was not activated: {lost}") from lost


def _tested(rules: Rules, loaded: Loaded) -> Checked:
    failed = [
        _fault(f"tests[{at}]", f"{outcome.case}: {difference}")
        for at, outcome in enumerate(asyncio.run(_cases(rules)))
        for difference in outcome.differences
    ]
    return Checked(rules=None if failed else rules, faults=failed, warnings=faults_json(loaded.warnings))


def _fault(path: str, message: str) -> Mapping[str, str | int]:
    return {"file": "", "line": 0, "column": 0, "path": path, "message": message}


async def _cases(rules: Rules) -> list[Outcome]:
    return [await run_case(case, rules, _CASE_KEY, MemoryStore) for case in rules.playbook.tests]


async def _compiled(loaded: Loaded, classifiers: Classifiers) -> Rules:
    if loaded.playbook is None:
        raise PlaybookError(format_faults(loaded.faults).rstrip())
    return await classifiers.compiled(loaded.playbook)
