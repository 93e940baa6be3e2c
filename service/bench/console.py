"""A pool and rules -> the API as it is served, for benchmarks that read it; what they never ask for is not there."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NoReturn

from fastapi import FastAPI

from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import (
    PostgresArchive,
    PostgresAudit,
    PostgresDeliveries,
    PostgresDesk,
    PostgresKeys,
    PostgresModels,
    PostgresSessions,
    PostgresShelf,
    PostgresStore,
)
from service.adapters.postgres.pool import Pool
from service.api import Entrance, Noting, Services, create_api
from service.core.access.groups import Grant
from service.core.pipeline.rules import Rules
from service.core.playbook.digest import canonical_text
from service.ports import NoAuditor
from service.runtime.acting import Acting
from service.runtime.fellows import Together
from service.runtime.health import Health
from service.runtime.parting import PartingActs
from service.runtime.refiling import RefilingActs
from service.runtime.rulebook import Rulebook
from service.runtime.silencing import Silencing


class _Nobody:
    async def send(self, *_: object) -> NoReturn:
        raise LookupError("nothing is sent here")


async def api_on(pool: Pool, rules: Rules) -> FastAPI:
    """Activate the rules' playbook on a migrated database, and answer by them."""
    shelf, store = PostgresShelf(pool), PostgresStore(pool)
    documents = {"playbook.yaml": canonical_text(rules.playbook)}
    await shelf.activate(rules.digest, str(rules.playbook.name), documents, datetime.now(UTC))
    rulebook = Rulebook(rules, _not_here)
    acting = Acting(store, rulebook, _now)
    return create_api(
        Services(
            desk=PostgresDesk(pool),
            deliveries=PostgresDeliveries(pool),
            shelf=shelf,
            models=PostgresModels(pool),
            audit=PostgresAudit(pool),
            keep_model=_not_here,
            in_force=lambda: None,
            sender=_Nobody(),
            original=_no_original,
            act=acting,
            silence=Silencing(store, rulebook, _now),
            part=PartingActs(store, rulebook, _now),
            refile=RefilingActs(store, rulebook, _now),
            rules=acting.rules,
            now=_now,
            check=_not_here,
            secret_of=_no_secret,
            pulse=Together(Health(["bench"])),
            figures=_not_here,
            relay_guarantee="none",
            entrance=Entrance(
                token=None,
                is_open=True,
                secure=False,
                keys=PostgresKeys(pool),
                sessions=PostgresSessions(pool),
                grants=_no_grants,
                now=lambda: datetime.now(UTC),
                monotonic=time.monotonic,
            ),
            noting=Noting(NoAuditor(), PrometheusMeter()),
            books=PostgresArchive(pool).books,
            backtest=_no_backtest,
        )
    )


async def _no_grants() -> Sequence[Grant]:
    return ()


async def _now() -> datetime:
    return datetime.now(UTC)


async def _not_here(*asked: object) -> NoReturn:
    raise LookupError(f"a benchmark asked for {len(asked)} things that are not there")


async def _no_backtest(old: Rules, new: Rules, since: datetime) -> NoReturn:
    raise LookupError(f"{old.digest} and {new.digest} since {since}")


async def _no_original(topic: str, partition: int, offset: int) -> NoReturn:
    raise LookupError(f"{topic} [{partition}] at {offset}")


def _no_secret(_name: str) -> str | None:
    return None
