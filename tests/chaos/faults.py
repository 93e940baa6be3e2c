"""Every fault by name: what is done, on which ground, to which traffic."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tests.chaos import acts
from tests.chaos.field import Field


class Flow(StrEnum):
    """How the traffic comes: a day's worth in one go, weeks of it with their ticks, or live by the wall clock."""

    DAY = "day"
    WEEKS = "weeks"
    LIVE = "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault and the ground it needs.

    `cut_replies` is the share of commits whose reply is lost, `held_back` the number of partitions that are not there
    at first; `settings` go to every process, and what is `first` to the first worker.
    """

    act: Callable[[Field], Awaitable[None]]
    about: str
    flow: Flow = Flow.DAY
    events: int = 6_000
    cut_replies: float = 0.0
    small_disk: bool = False
    held_back: int = 0
    settings: tuple[tuple[str, str], ...] = ()
    first: tuple[tuple[str, str], ...] = ()


FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "nothing": Fault(act=acts.nothing, about="no fault but the traffic's own"),
        "ticks": Fault(act=acts.kills, about="kill -9 at random while weekly ticks run", flow=Flow.WEEKS, events=2_500),
        "kills": Fault(act=acts.kills, about="kill -9 at random"),
        "worker_deaths": Fault(
            act=acts.worker_deaths,
            about="death at each boundary of the claim, the batch, timers and ticks",
            flow=Flow.WEEKS,
            events=5_000,
            settings=(("FEEDBACK_ROUTER_SESSION_TIMEOUT", "2"),),
        ),
        "relay_deaths": Fault(act=acts.relay_deaths, about="death at each boundary of the relay"),
        "zombies": Fault(
            act=acts.zombies,
            about="worker and relay frozen past the session timeout, then thawed",
            first=(("CHAOS_DEATH", "committed:6"), ("CHAOS_SIGNAL", "SIGSTOP")),
        ),
        "sleepers": Fault(
            act=acts.sleepers, about="a worker frozen at any moment past the session timeout", events=9_000
        ),
        "scaling": Fault(act=acts.scaling, about="workers 1, 4, 1", events=9_000),
        "database_killed": Fault(act=acts.database_killed, about="PostgreSQL killed and restarted", events=9_000),
        "sessions_ended": Fault(act=acts.sessions_ended, about="pg_terminate_backend at random"),
        "replies_cut": Fault(act=acts.replies_cut, about="a fifth of all replies of COMMIT cut off", cut_replies=0.2),
        "broker_killed": Fault(act=acts.broker_killed, about="a broker killed", events=9_000),
        "brokers_restarted": Fault(act=acts.brokers_restarted, about="all brokers restarted", events=9_000),
        "partitions_added": Fault(act=acts.partitions_added, about="partitions added while running", held_back=2),
        "many_hands": Fault(
            act=acts.many_hands,
            about="two relays of two shards and three tickers, one killed, one frozen",
            settings=(("FEEDBACK_ROUTER_RELAY_SHARDS", "2"),),
        ),
        "tickers": Fault(
            act=acts.tickers,
            about="three tickers and two relays race for the same timers",
            flow=Flow.LIVE,
            events=1_500,
        ),
        "clock_stepped": Fault(
            act=acts.clock_stepped, about="the clock put back an hour", flow=Flow.LIVE, events=2_000
        ),
        "disk_full": Fault(act=acts.disk_full, about="PostgreSQL's disk full", small_disk=True),
    }
)
