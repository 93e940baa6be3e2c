"""The environment that the race starts a peer in -> what it is to do."""

import os
from dataclasses import dataclass
from typing import Self

from tests.bench.peers.job.rules import Rules

PARTITIONS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """`ours` says to write by the statements in `sql` instead of one's own."""

    brokers: str
    dsn: str
    topic: str
    group: str
    rules: Rules
    ours: bool

    @classmethod
    def read(cls) -> Self:
        given = os.environ
        return cls(
            brokers=given["RACE_BROKERS"],
            dsn=given["RACE_DSN"],
            topic=given["RACE_TOPIC"],
            group=given["RACE_GROUP"],
            rules=Rules.load(given["RACE_RULES"]),
            ours=given.get("RACE_SQL") == "ours",
        )
