"""The short form of `make chaos`: processes are killed on real Kafka and PostgreSQL, held against the oracle."""

import pytest

from service.embedded.postgres import EmbeddedPostgres
from tests.chaos.report import details
from tests.chaos.run import Ground, run
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.postgres import TestServer

pytestmark = pytest.mark.kafka


async def test_kills_leave_what_the_oracle_expects(
    killable_kafka: ApacheKafka, killable_postgres: EmbeddedPostgres
) -> None:
    ground = Ground(kafka=killable_kafka, postgres=killable_postgres, databases=TestServer(killable_postgres.dsn))
    ran = await run(ground, "kills", workers=3, seed=1, events=1_000)
    assert (ran.clean, ran.faults > 0) == (True, True), details(ran)
