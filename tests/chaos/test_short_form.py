"""The short form of `make chaos`: three faults on real Kafka and PostgreSQL, held against the oracle."""

import pytest

from service.embedded.postgres import EmbeddedPostgres
from tests.chaos.report import details
from tests.chaos.run import Ground, run
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.postgres import TestServer

pytestmark = pytest.mark.kafka


@pytest.mark.parametrize(("fault", "workers"), [("kills", 3), ("relay_deaths", 1), ("replies_cut", 3)])
async def test_a_fault_leaves_what_the_oracle_expects(
    fault: str, workers: int, killable_kafka: ApacheKafka, killable_postgres: EmbeddedPostgres
) -> None:
    ground = Ground(kafka=killable_kafka, postgres=killable_postgres, databases=TestServer(killable_postgres.dsn))
    ran = await run(ground, fault, workers=workers, seed=1, events=3_000)
    assert (ran.clean, ran.faults > 0) == (True, True), details(ran)
