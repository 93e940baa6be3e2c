"""When the service is ready, and when it is stuck."""

from service.ports import Degraded, Fault, PartitionKey
from service.runtime.health import Health

KEY = PartitionKey(cluster="c", group="g", topic="feedback.surveys", partition=2)


class Minutes:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now * 60


def test_it_is_ready_once_every_part_has_started() -> None:
    health = Health(["worker", "relay"])
    health.started("relay")
    before = health.unready()
    health.started("worker")
    assert (before, health.unready()) == (("worker: starting",), ())


def test_trouble_is_told_until_it_is_over() -> None:
    health = Health()
    health.fault("store", "OutOfReachError")
    during = health.unready()
    health.clear("store")
    assert (during, health.unready()) == (("store: OutOfReachError",), ())


def test_it_is_not_ready_while_it_drains() -> None:
    health = Health()
    health.drain()
    assert health.unready() == ("draining",)


def test_what_all_replicas_share_leaves_it_ready_and_alive() -> None:
    health = Health()
    found = Degraded(fault=Fault.STUCK_RELAY, detail="shard 0: rows wait for 130 s")
    health.degrade([found])
    during = (health.degraded(), health.unready(), health.stuck())
    health.degrade([])
    assert (during, health.degraded()) == (((found,), (), ()), ())


def test_a_partition_with_records_that_moves_nothing_for_long_is_stuck() -> None:
    minutes = Minutes()
    health = Health(monotonic=minutes)
    health.behind(KEY, 5)
    minutes.now = 3
    assert health.stuck() == ("feedback.surveys/2",)


def test_a_partition_that_moves_is_not_stuck_however_far_behind() -> None:
    minutes = Minutes()
    health = Health(monotonic=minutes)
    for minute in range(10):
        minutes.now = minute
        health.behind(KEY, 5_000)
        health.moved(KEY)
    assert health.stuck() == ()


def test_a_partition_without_records_is_not_stuck() -> None:
    minutes = Minutes()
    health = Health(monotonic=minutes)
    health.behind(KEY, 5)
    health.behind(KEY, 0)
    minutes.now = 60
    assert health.stuck() == ()


def test_what_a_restart_would_not_mend_is_not_called_stuck() -> None:
    minutes = Minutes()
    health = Health(monotonic=minutes)
    health.behind(KEY, 5)
    health.fault("store", "OutOfReachError")
    minutes.now = 60
    assert health.stuck() == ()


def test_a_partition_that_is_gone_is_not_stuck() -> None:
    minutes = Minutes()
    health = Health(monotonic=minutes)
    health.behind(KEY, 5)
    health.gone(KEY)
    minutes.now = 60
    assert health.stuck() == ()
