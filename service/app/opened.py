"""What all roles of one process share, once it is open.

The `bell` rings when something is to be relayed; `fellows` are the processes beside it, where there are any.
"""

from dataclasses import dataclass

from service.adapters.kafka import Connection
from service.adapters.meter import PrometheusMeter
from service.adapters.postgres import PostgresStore
from service.adapters.postgres.pool import Pool
from service.runtime.bell import Bell
from service.runtime.classifiers import Classifiers
from service.runtime.fellows import Fellows
from service.runtime.health import Health
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import Timekeeper, WallTime
from service.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    settings: Settings
    pool: Pool
    asking_pool: Pool
    store: PostgresStore
    connection: Connection
    cluster: str
    classifiers: Classifiers
    rulebook: Rulebook
    wall: WallTime
    time: Timekeeper
    health: Health
    meter: PrometheusMeter
    bell: Bell
    owner: str
    fellows: Fellows | None
